using System.Text.RegularExpressions;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Text;

namespace SequenceModels.Tests.Text;

public sealed class WordTokenizerTests
{
    [Theory]
    [InlineData("The cat sat.", "The|cat|sat|.")]
    [InlineData("don't l’été rock'n'roll", "don't|l’été|rock'n'roll")]
    [InlineData("'quoted' words'", "'|quoted|'|words|'")]
    [InlineData("3.14 or 1,000,000 or 7.", "3.14|or|1,000,000|or|7|.")]
    [InlineData("well-known e-mail@example.org", "well|-|known|e|-|mail|@|example|.|org")]
    [InlineData("naïve e\u0301tude Straße", "naïve|e\u0301tude|Straße")]
    [InlineData("привет мир", "привет|мир")]
    [InlineData("שלום, 中文", "שלום|,|中文")]
    [InlineData("x2 2x", "x|2|2|x")]
    [InlineData("½ + ² = Ⅷ", "½|+|²|=|Ⅷ")]
    [InlineData("wow!!! 😀👍", "wow|!|!|!|😀|👍")]
    [InlineData("tab\tnew\r\nline\u00A0hard\u200B", "tab|new|line|hard")]
    [InlineData("", "")]
    public void Text_is_cut_as_the_pattern_says(string text, string tokens) => Assert.Equal(tokens, string.Join('|', TokensOf(text)));

    // Not an inline datum: attributes are stored as UTF-8, which has no lone surrogates.
    [Fact]
    public void A_lone_surrogate_reads_as_the_replacement_character() => Assert.Equal(["half", "\uFFFD", "\uFFFD", "pair"], TokensOf("half\uD83D \uDE00pair"));

    [Fact]
    public void The_scanner_finds_what_the_pattern_finds()
    {
        var pattern = new Regex(WordTokenizer.Pattern, RegexOptions.CultureInvariant);
        const string likely = "aB'’.,7 -\u0301é中½\uD83D\uDE00\n\u200B\"";
        for (int trial = 0; trial < 300; trial++)
        {
            var random = new CounterRandom(trial, RandomPurpose.Split);
            string text = string.Create(400, random, (span, r) =>
            {
                // Long runs, joined runs, and one character in eight out of all 65,536.
                for (int i = 0; i < span.Length; i++)
                    span[i] = r.Word(i) % 8 == 0 ? (char)(r.Word(i) >> 16) : likely[(int)((r.Word(i / (1 + trial % 90)) >> 8) % likely.Length)];
            });
            var found = new List<string>();
            int index = 0;
            while (WordScanner.Next(text, ref index) is { IsEmpty: false } token)
                found.Add(token.ToString());

            Assert.Equal(pattern.Matches(text).Select(match => match.Value), found);
        }
    }

    [Fact]
    public void A_very_long_word_goes_on_in_further_tokens()
    {
        string text = new string('a', 150) + " " + new string('7', 70);

        Assert.Equal([64, 64, 22, 64, 6], TokensOf(text).Select(token => token.Length));
    }

    [Fact]
    public void The_vocabulary_is_ordered_by_frequency_then_ordinally_and_cut_at_its_maximum()
    {
        string[] texts = ["b b a a Z . c"];

        Assert.Equal(["<unknown>", "<end>", "a", "b", ".", "Z", "c"], Build(texts, withEnd: true).Vocabulary.Tokens);
        Assert.Equal(["<unknown>", "<end>", "a", "b", "."], Build(texts, withEnd: true, maximumVocabulary: 5).Vocabulary.Tokens);
        Assert.Equal(["<unknown>", "a", "b"], Build(texts, minimumCount: 2).Vocabulary.Tokens);
    }

    [Fact]
    public void Lower_casing_is_done_before_counting_and_encoding()
    {
        var tokenizer = Build(["The the THE Ärger"], lowerCase: true);

        Assert.Equal(["<unknown>", "the", "ärger"], tokenizer.Vocabulary.Tokens);
        Assert.Equal([1, 2, 0], tokenizer.Encode("tHe ÄRGER other"));
    }

    [Fact]
    public void Unknown_words_are_counted_by_their_token_and_give_no_text()
    {
        var tokenizer = Build(["known words"]);

        Assert.Equal([1, 0, 0, 2], tokenizer.Encode("known strange, words"));
        Assert.Equal("known words", tokenizer.Decode([1, 0, 2]));
    }

    [Theory]
    [InlineData("The cat sat on the mat.")]
    [InlineData("Well, she said (twice): \"It's 3.14!\" Really?")]
    [InlineData("\"One\" and \"two\"; «trois» “four” […]")]
    [InlineData("a well-known and/or e-mail@example_x")]
    [InlineData("¿Qué? It costs $5 or 7% #tag")]
    [InlineData("The dogs' bones")]
    public void Usual_spacing_comes_back(string text)
    {
        var tokenizer = Build([text]);

        string decoded = tokenizer.Decode(tokenizer.Encode(text));

        // A straight apostrophe alone joins on both sides; everything else comes back as it was.
        Assert.Equal(text.Replace("dogs' ", "dogs'", StringComparison.Ordinal), decoded);
    }

    [Theory]
    [InlineData("a  b\n c ,d ( e )", "a b c, d (e)")]
    [InlineData("wait ... what", "wait... what")]
    public void Unusual_spacing_is_made_usual(string text, string usual)
    {
        var tokenizer = Build([text]);

        Assert.Equal(usual, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Fact]
    public void Encoding_allocates_no_string_a_word()
    {
        string text = string.Concat(Enumerable.Repeat("To be, or not to be: THAT is the question. ", 200));
        var tokenizer = Build([text], lowerCase: true);
        tokenizer.Encode(text);

        long before = GC.GetAllocatedBytesForCurrentThread();
        int[] tokens = tokenizer.Encode(text);

        // The list's growth and the final array, at 4 bytes a token; a string a word would be 30.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, tokens.Length * 16 + 1000);
    }

    private static IEnumerable<string> TokensOf(string text)
    {
        var tokenizer = Build([text]);
        return tokenizer.Encode(text).Select(token => tokenizer.Vocabulary.Tokens[token]);
    }

    private static ITokenizer Build(string[] texts, bool lowerCase = false, int minimumCount = 1, bool withEnd = false, int maximumVocabulary = 50_000) =>
        Tokenizers.Build(TokenizerKind.Word, texts, lowerCase, minimumCount, withEnd, maximumVocabulary);
}
