using SequenceModels.Randomness;
using SequenceModels.Sampling;

namespace SequenceModels.Tests.Sampling;

public sealed class SamplerTests
{
    private static readonly TokenHistory s_none = new();

    [Fact]
    public void Of_equally_probable_tokens_temperature_zero_takes_the_lowest() =>
        Assert.Equal(1, new Sampler(new() { Temperature = 0 }, 4).Next([0, 5, 5, 5], s_none, 0.9));

    [Fact]
    public void The_excluded_token_is_never_drawn_however_probable()
    {
        var sampler = new Sampler(new(), 3, excludedToken: 0);

        Assert.Equal(0, sampler.Distribution([100, 1, 1], s_none)[0]);
        Assert.All(Enumerable.Range(0, 100), i => Assert.NotEqual(0, sampler.Next([100, 1, 1], s_none, i / 100.0)));
    }

    [Fact]
    public void Top_k_and_top_p_keep_or_remove_equals_together()
    {
        // Softmax of these: 0.5 and five times 0.1.
        float top = (float)Math.Log(5);
        float[] logits = [0, top, 0, 0, 0, 0];

        Assert.Equal([0, 1, 2, 3, 4, 5], Kept(new() { TopK = 3 }, logits));
        Assert.Equal([1], Kept(new() { TopP = 0.4 }, logits));
        Assert.Equal([0, 1, 2, 3, 4, 5], Kept(new() { TopP = 0.55 }, logits));
    }

    [Fact]
    public void Typical_p_prefers_tokens_of_expected_surprise_to_probable_ones_and_keeps_equals_together()
    {
        // Probabilities 1/3 and ten times 1/15: entropy 2.17 nats, surprises 1.10 and 2.71.
        float[] logits = [MathF.Log(5), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

        Assert.Equal(Enumerable.Range(1, 10), Kept(new() { TypicalP = 0.3 }, logits));
        Assert.Equal(Enumerable.Range(0, 11), Kept(new() { TypicalP = 0.7 }, logits));
    }

    [Fact]
    public void Negative_and_positive_zero_are_equals() => Assert.Equal([0, 1], Kept(new() { TopK = 1 }, [-0f, 0f, -1f]));

    [Fact]
    public void Filters_agree_with_their_definitions_by_sorting_on_random_logits()
    {
        for (int trial = 0; trial < 200; trial++)
        {
            var random = new CounterRandom(trial, RandomPurpose.Sampling);
            int size = 2 + trial % 97;

            // Quarters, so that there are many equals; every ninth token is impossible.
            float[] logits = [.. Enumerable.Range(0, size).Select(i => i % 9 == 8 ? float.NegativeInfinity : MathF.Round(random.Uniform(i) * 40) / 4 - 5)];
            int k = 1 + trial % size;
            double p = 0.05 + 0.9 * random.Uniform(1000);
            double sum = logits.Sum(logit => Math.Exp(logit));
            double[] probabilities = [.. logits.Select(logit => Math.Exp(logit) / sum)];

            var topK = Enumerable.Range(0, size).Where(i => probabilities[i] > 0 && logits.Count(other => other > logits[i]) < k);
            var topP = Enumerable.Range(0, size).Where(i => probabilities[i] > 0 && probabilities.Where((_, j) => logits[j] > logits[i]).Sum() < p);

            Assert.Equal(topK, Kept(new() { TopK = k }, logits));
            Assert.Equal(topP, Kept(new() { TopP = p }, logits));
        }
    }

    [Fact]
    public void A_tiny_temperature_is_greedy_instead_of_not_a_number()
    {
        double[] probabilities = [.. new Sampler(new() { Temperature = double.Epsilon }, 3).Distribution([1, 3, 2], s_none)];

        Assert.Equal([0, 1, 0], probabilities);
    }

    [Fact]
    public void A_tiny_repetition_penalty_leaves_finite_numbers()
    {
        var history = new TokenHistory();
        history.Add(0);
        history.Add(1);

        double[] probabilities = [.. new Sampler(new() { RepetitionPenalty = double.Epsilon }, 3).Distribution([1, 3, 2], history)];

        Assert.Equal([0.5, 0.5, 0], probabilities);
    }

    [Fact]
    public void Strong_filters_together_always_leave_a_token()
    {
        var sampler = new Sampler(new() { TopK = 1, TopP = double.Epsilon, MinP = 1, TypicalP = double.Epsilon, Temperature = 5 }, 4);

        Assert.Equal(2, sampler.Next([-1, 0, 1, -3], s_none, 0.99));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Logits_that_are_no_numbers_are_refused(float logit) =>
        Assert.Throws<InvalidOperationException>(() => new Sampler(new(), 2).Next([0, logit], s_none, 0.5));

    [Fact]
    public void A_model_without_any_possible_token_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => new Sampler(new(), 2, excludedToken: 0).Next([0, float.NegativeInfinity], s_none, 0.5));

    [Fact]
    public void The_logits_stay_as_they_are()
    {
        float[] logits = [1, 2, 3];
        new Sampler(new() { Temperature = 0.5, TopK = 1 }, 3).Next(logits, s_none, 0.5);

        Assert.Equal([1, 2, 3], logits);
    }

    [Fact]
    public void Draws_follow_the_distribution()
    {
        var sampler = new Sampler(new(), 3);
        float[] logits = [MathF.Log(0.2f), MathF.Log(0.5f), MathF.Log(0.3f)];
        var random = new CounterRandom(1, RandomPurpose.Sampling);
        const int draws = 20_000;
        int[] counts = new int[3];
        for (int i = 0; i < draws; i++)
            counts[sampler.Next(logits, s_none, random.UniformDouble(i))]++;

        // Five standard errors of the share of a token of probability 1/2.
        const double tolerance = 5 * 0.5 / 141;
        Assert.Equal(0.2, counts[0] / (double)draws, tolerance);
        Assert.Equal(0.5, counts[1] / (double)draws, tolerance);
        Assert.Equal(0.3, counts[2] / (double)draws, tolerance);
    }

    [Fact]
    public void A_token_costs_no_allocation_once_warm()
    {
        var settings = new SamplingSettings { Temperature = 0.8, TopK = 50, TopP = 0.9, MinP = 0.01, TypicalP = 0.95, RepetitionPenalty = 1.1, FrequencyPenalty = 0.1 };
        var sampler = new Sampler(settings, 500);
        var random = new CounterRandom(5, RandomPurpose.Sampling);
        float[] logits = [.. Enumerable.Range(0, 500).Select(i => random.Uniform(i) * 10)];
        var history = new TokenHistory();
        for (int i = 0; i < 500; i++)
            history.Add(i);
        Draw(); // all paths once, with what the runtime keeps of each

        long before = GC.GetAllocatedBytesForCurrentThread();
        Draw();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Draw()
        {
            for (int i = 0; i < 100; i++)
                history.Add(sampler.Next(logits, history, i / 100.0));
        }
    }

    private static int[] Kept(SamplingSettings settings, float[] logits) =>
        [.. new Sampler(settings, logits.Length).Distribution(logits, s_none).ToArray().Index().Where(p => p.Item > 0).Select(p => p.Index)];
}
