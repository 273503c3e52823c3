using SequenceModels.Sampling;
using SequenceModels.Tasks;
using SequenceModels.Text;

namespace SequenceModels.Tests.Sampling;

public sealed class TextGeneratorTests
{
    private const int End = 1;

    // Tokens: 0 unknown, 1 end, then a b c d e in this order (equal counts, ordinal).
    private static readonly ITokenizer s_letters = Tokenizers.Build(TokenizerKind.Character, ["abcde"], lowerCase: false, minimumCount: 1, withEnd: true);

    [Fact]
    public void A_choice_depends_on_seed_and_number_alone_not_on_how_many_are_drawn()
    {
        var settings = new SamplingSettings { Seed = 11, MaxTokens = 40, RepetitionPenalty = 1.2 };
        var many = Random(settings with { Choices = 9 }, "ab");
        var few = Random(settings with { Choices = 3 }, "ab");
        var one = Random(settings, "ab");

        Assert.Equal(many.Take(3), few);
        Assert.Equal(many[0], one[0]);
        Assert.Equal(9, many.Select(sample => sample.Text).Distinct().Count());
        Assert.NotEqual(one, Random(settings with { Seed = 12 }, "ab"));
    }

    [Fact]
    public void The_end_mark_ends_a_sample_counts_as_a_token_and_gives_no_text()
    {
        var sample = Chain(new(), "", (End, 2), (2, 3), (3, End));

        Assert.Equal(("ab", FinishReason.EndOfSequence, 3), (sample.Text, sample.FinishReason, sample.Tokens));
    }

    [Fact]
    public void A_sample_ends_when_it_has_as_many_tokens_as_asked_for()
    {
        var sample = Chain(new() { MaxTokens = 5 }, "", (End, 2), (2, 3), (3, 2));

        Assert.Equal(("ababa", FinishReason.Length, 5), (sample.Text, sample.FinishReason, sample.Tokens));
    }

    [Fact]
    public void The_text_follows_the_prompt_without_repeating_it()
    {
        var sample = Chain(new(), "abc", (End, 0), (2, 0), (3, 0), (4, 5), (5, End));

        Assert.Equal("d", sample.Text);
    }

    [Fact]
    public void A_stop_string_of_several_tokens_ends_the_sample_and_is_not_in_its_text()
    {
        var sample = Chain(new() { Stop = ["zzz", "cd"] }, "", (End, 2), (2, 3), (3, 4), (4, 5), (5, 2));

        Assert.Equal(("ab", FinishReason.Stop, 4), (sample.Text, sample.FinishReason, sample.Tokens));
    }

    [Fact]
    public void Of_two_stop_strings_in_one_token_the_earlier_ends_the_text()
    {
        var words = Tokenizers.Build(TokenizerKind.Word, ["say hello"], lowerCase: false, minimumCount: 1, withEnd: true);
        int say = words.Vocabulary.IdOrUnknown("say"), hello = words.Vocabulary.IdOrUnknown("hello");

        var sample = Generate(words, MarkovStepper.Chain(4, (End, say), (say, hello), (hello, End)), new() { Stop = ["o", "ll"] }, "")[0];

        Assert.Equal("say he", sample.Text);
    }

    [Fact]
    public void The_prompt_is_not_searched_for_stop_strings()
    {
        var sample = Chain(new() { Stop = ["bc"] }, "ab", (End, 0), (2, 0), (3, 4), (4, End));

        Assert.Equal(("c", FinishReason.EndOfSequence), (sample.Text, sample.FinishReason));
    }

    [Fact]
    public void The_unknown_token_is_never_drawn()
    {
        Func<int, int, float[]> mostlyUnknown = (_, _) => [50, 0, 1, 1, 1, 1, 1];

        var samples = Generate(s_letters, mostlyUnknown, new() { Choices = 20, MaxTokens = 20 }, "");
        var greedy = Generate(s_letters, mostlyUnknown, new() { Temperature = 0, MaxTokens = 3 }, "");

        // Were unknown tokens drawn, texts would be shorter than their tokens.
        Assert.All(samples, sample => Assert.Equal(sample.Tokens - (sample.FinishReason == FinishReason.EndOfSequence ? 1 : 0), sample.Text.Length));
        Assert.Equal("aaa", greedy[0].Text);
    }

    [Fact]
    public void The_log_probability_is_the_model_s_own_whatever_the_filters()
    {
        var settings = new SamplingSettings { Temperature = 0.3, TopK = 2, MaxTokens = 6, Seed = 4 };
        var logitsAfter = MarkovStepper.Random(7, 3);

        var sample = Generate(s_letters, logitsAfter, settings, "")[0];

        int[] tokens = [.. s_letters.Encode(sample.Text), .. sample.FinishReason == FinishReason.EndOfSequence ? [End] : Array.Empty<int>()];
        double want = 0;
        int before = -1, last = End;
        foreach (int token in tokens)
        {
            float[] logits = logitsAfter(before, last);
            want += logits[token] - Math.Log(logits.Sum(logit => Math.Exp(logit)));
            (before, last) = (last, token);
        }

        Assert.Equal(tokens.Length, sample.Tokens);
        Assert.Equal(want, sample.LogProbability, 12);
    }

    [Fact]
    public void Pieces_passed_on_join_to_the_final_text_and_never_show_a_stop_string()
    {
        var pieces = new Dictionary<int, List<string>>();
        var settings = new SamplingSettings { Choices = 30, MaxTokens = 60, Seed = 2, Stop = ["abc", "ca", "eee"] };

        var samples = TextGenerator.Generate(rows => new MarkovStepper(rows, 7, MarkovStepper.Random(7, 5)), s_letters, End, "", settings, (choice, text) =>
        {
            if (!pieces.TryGetValue(choice, out var list))
                pieces[choice] = list = [];
            list.Add(text);
        }, CancellationToken.None);

        Assert.Contains(samples, sample => sample.FinishReason == FinishReason.Stop && sample.Text.Length > 0);
        Assert.Contains(pieces.Values, list => list.Count > 1);
        for (int choice = 0; choice < samples.Count; choice++)
        {
            Assert.Equal(samples[choice].Text, string.Concat(pieces.GetValueOrDefault(choice) ?? []));
            Assert.DoesNotContain(settings.Stop, stop => samples[choice].Text.Contains(stop, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Pieces_are_whole_code_points()
    {
        var emoji = Tokenizers.Build(TokenizerKind.Character, ["😀😁x"], lowerCase: false, minimumCount: 1, withEnd: true);
        var pieces = new List<string>();

        var sample = TextGenerator.Generate(rows => new MarkovStepper(rows, 5, MarkovStepper.Random(5, 8)), emoji, End, "", new() { MaxTokens = 50, Stop = ["😁😁😁😁"] }, (_, text) => pieces.Add(text), CancellationToken.None)[0];

        Assert.Contains('\uD83D', sample.Text);
        Assert.All(pieces, piece => Assert.False(char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1])));
    }

    [Fact]
    public void Words_go_on_from_the_prompt_with_a_space_where_one_is_due()
    {
        var words = Tokenizers.Build(TokenizerKind.Word, ["good day , sir"], lowerCase: false, minimumCount: 1, withEnd: true);
        var vocabulary = words.Vocabulary;
        int good = vocabulary.IdOrUnknown("good"), day = vocabulary.IdOrUnknown("day"), comma = vocabulary.IdOrUnknown(","), sir = vocabulary.IdOrUnknown("sir");
        var chain = MarkovStepper.Chain(6, (End, good), (good, day), (day, comma), (comma, sir), (sir, End));

        Assert.Equal("good day, sir", Generate(words, chain, new(), "")[0].Text);
        Assert.Equal(" day, sir", Generate(words, chain, new(), "good")[0].Text);
        Assert.Equal("day, sir", Generate(words, chain, new(), "good ")[0].Text);
        Assert.Equal(", sir", Generate(words, chain, new(), "good day")[0].Text);
    }

    [Fact]
    public void Penalties_see_the_prompt()
    {
        // After any token, a and b are equally probable; a stands in the prompt.
        Func<int, int, float[]> even = (_, _) => [0, 0, 9, 9, 0, 0, 0];

        var sample = Generate(s_letters, even, new() { Temperature = 0, RepetitionPenalty = 1.5, MaxTokens = 1 }, "a")[0];

        Assert.Equal("b", sample.Text);
    }

    [Fact]
    public void Cancellation_is_seen_at_the_next_token_and_the_stepper_is_disposed_of()
    {
        using var cancellation = new CancellationTokenSource();
        MarkovStepper? stepper = null;
        int pieces = 0;

        Assert.Throws<OperationCanceledException>(() => TextGenerator.Generate(
            rows => stepper = new MarkovStepper(rows, 7, MarkovStepper.Chain(7, (End, 2), (2, 2))), s_letters, End, "", new() { MaxTokens = 1000 },
            (_, _) =>
            {
                if (++pieces == 3)
                    cancellation.Cancel();
            }, cancellation.Token));

        Assert.Equal(3, pieces);
        Assert.Equal(3, stepper!.Steps);
        Assert.True(stepper.Disposed);
    }

    [Fact]
    public void Cancellation_is_seen_while_the_prompt_is_read()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();

        Assert.Throws<OperationCanceledException>(() => TextGenerator.Generate(
            rows => new MarkovStepper(rows, 7, MarkovStepper.Chain(7, (End, 2), (2, 2))), s_letters, End, "aaaa", new(), cancellation.Token));
    }

    [Fact]
    public void A_token_costs_only_its_text_once_warm()
    {
        // A fixed answer, so that the fake model allocates nothing itself.
        float[] logits = [0, float.NegativeInfinity, 1, 1, 1, 1, 1];
        Func<int, int, float[]> even = (_, _) => logits;
        var settings = new SamplingSettings { TopK = 3, TopP = 0.9, RepetitionPenalty = 1.1, MaxTokens = 1000, Stop = ["zz"] };
        Generate(s_letters, even, settings, "");

        long before = GC.GetAllocatedBytesForCurrentThread();
        Generate(s_letters, even, settings, "");
        long thousand = GC.GetAllocatedBytesForCurrentThread() - before;
        Generate(s_letters, even, settings with { MaxTokens = 9000 }, "");
        long nineThousand = GC.GetAllocatedBytesForCurrentThread() - before - thousand;

        // Two bytes a character in the final text, and a buffer that doubles: at most four characters' room each. An object a token would be 24 bytes more.
        Assert.InRange(nineThousand - thousand, 0, 8000 * 10 + 2000);
    }

    [Fact]
    public void A_model_of_another_vocabulary_is_refused() =>
        Assert.Throws<ArgumentException>(() => TextGenerator.Generate(rows => new MarkovStepper(rows, 9, MarkovStepper.Random(9, 1)), s_letters, End, "", new(), CancellationToken.None));

    private static GeneratedText Chain(SamplingSettings settings, string prompt, params (int Token, int Next)[] successors) =>
        Generate(s_letters, MarkovStepper.Chain(7, successors), settings, prompt)[0];

    private static IReadOnlyList<GeneratedText> Random(SamplingSettings settings, string prompt) =>
        Generate(s_letters, MarkovStepper.Random(7, 1), settings, prompt);

    private static IReadOnlyList<GeneratedText> Generate(ITokenizer tokenizer, Func<int, int, float[]> logitsAfter, SamplingSettings settings, string prompt) =>
        TextGenerator.Generate(rows => new MarkovStepper(rows, tokenizer.Vocabulary.Count, logitsAfter), tokenizer, End, prompt, settings, CancellationToken.None);
}
