using SequenceModels.Baselines;
using SequenceModels.Randomness;

namespace SequenceModels.Tests.Baselines;

public sealed class NGramModelTests
{
    private const int End = 1;
    private const int A = 2;
    private const int B = 3;

    [Fact]
    public void An_empty_model_is_uniform()
    {
        var nats = new double[3];

        Assert.Equal(3, new NGramModel(3, 8, null).Measure([1, 2, 3], nats));

        Assert.All(nats, sum => Assert.Equal(3 * Math.Log(8), sum, 12));
    }

    [Fact]
    public void Unigrams_of_a_text_are_those_computed_by_hand()
    {
        // Of V = 4 tokens the text shows A three times and B once: c = 4, T = 2.
        var model = new NGramModel(1, 4, null);
        model.Add([A, A, B, A]);

        Assert.Equal([-Math.Log((3 + 2 / 4.0) / 6), -Math.Log((1 + 2 / 4.0) / 6), -Math.Log((0 + 2 / 4.0) / 6)], [Nats(model, A), Nats(model, B), Nats(model, 0)], new Close());
    }

    [Fact]
    public void Bigrams_of_a_text_are_those_computed_by_hand()
    {
        // Text A A B A: after A come A and B once each (c = 2, T = 2); after B comes A (c = 1, T = 1).
        var model = new NGramModel(2, 4, null);
        model.Add([A, A, B, A]);
        double pA = 3.5 / 6, pB = 1.5 / 6, pOther = 0.5 / 6;

        // Measured text: B (no context), A after B, B after A, an unseen token after B, and A after the unseen one (context unseen: p of order 1).
        var nats = new double[2];
        model.Measure([B, A, B, 0, A], nats);

        double second = Math.Log(pB) + Math.Log((1 + 1 * pA) / 2) + Math.Log((1 + 2 * pB) / 4) + Math.Log((0 + 1 * pOther) / 2) + Math.Log(pA);
        Assert.Equal(-second, nats[1], 12);
        Assert.Equal(-(2 * Math.Log(pB) + 2 * Math.Log(pA) + Math.Log(pOther)), nats[0], 12);
    }

    [Fact]
    public void Lines_begin_and_end_with_the_end_mark()
    {
        // Lines "A" and "A B" with end marks: A . A B .  Order 1: A 2, B 1, end 2 of 5, T = 3, V = 4.
        var model = new NGramModel(2, 4, End);
        model.Add([A]);
        model.Add([A, B]);
        double pA = (2 + 3 / 4.0) / 8, pB = (1 + 3 / 4.0) / 8, pEnd = (2 + 3 / 4.0) / 8;

        // Order 2: after the beginning A twice (T = 1); after A end and B once each (T = 2); after B end (T = 1).
        var nats = new double[2];
        int tokens = model.Measure([A, B], nats);

        Assert.Equal(3, tokens);
        Assert.Equal(-(Math.Log((2 + pA) / 3) + Math.Log((1 + 2 * pB) / 4) + Math.Log((1 + pEnd) / 2)), nats[1], 12);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(End)]
    public void Every_order_agrees_with_the_definition_counted_naively(int? end)
    {
        const int v = 5, order = 5;
        int[][] training = [.. Enumerable.Range(0, 6).Select(i => Noise(i, 30 + i * 7))];
        int[] heldOut = Noise(99, 50);
        var model = new NGramModel(order, v, end);
        foreach (int[] text in training)
            model.Add(text);
        var nats = new double[order];
        model.Measure(heldOut, nats);

        for (int k = 1; k <= order; k++)
            Assert.Equal(Naive(training, heldOut, k, v, end), nats[k - 1], 9);
    }

    [Fact]
    public void All_tokens_together_have_probability_one_after_any_context()
    {
        const int v = 5;
        var model = new NGramModel(5, v, null);
        model.Add(Noise(1, 300));
        for (int trial = 0; trial < 20; trial++)
        {
            int[] context = Noise(200 + trial, 4);
            double sum = 0;
            for (int token = 0; token < v; token++)
            {
                var before = new double[5];
                var after = new double[5];
                model.Measure(context, before);
                model.Measure([.. context, token], after);
                sum += Math.Exp(before[4] - after[4]);
            }

            Assert.Equal(1, sum, 12);
        }
    }

    [Fact]
    public void A_token_outside_the_vocabulary_and_an_order_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGramModel(2, 4, null).Add([4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGramModel(2, 4, null).Add([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGramModel(6, 4, null));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NGramModel(0, 4, null));
    }

    private static double Nats(NGramModel model, int token)
    {
        var nats = new double[model.Order];
        model.Measure([token], nats);
        return nats[^1];
    }

    private static int[] Noise(int seed, int length)
    {
        var random = new CounterRandom(seed, RandomPurpose.Split);
        return [.. Enumerable.Range(0, length).Select(i => (int)(random.Word(i) % 16) switch { < 8 => 2, < 13 => 3, < 15 => 4, _ => 0 })];
    }

    // Witten-Bell straight from its definition, with strings for contexts.
    private static double Naive(int[][] training, int[] heldOut, int order, int v, int? end)
    {
        var followers = new Dictionary<string, Dictionary<int, int>>();
        foreach (int[] text in training)
            Visit(text, order, end, (contexts, token) =>
            {
                foreach (string context in contexts)
                {
                    if (!followers.TryGetValue(context, out var counts))
                        followers[context] = counts = [];
                    counts[token] = counts.GetValueOrDefault(token) + 1;
                }
            });
        double nats = 0;
        Visit(heldOut, order, end, (contexts, token) =>
        {
            double p = 1.0 / v;
            foreach (string context in contexts)
            {
                if (followers.TryGetValue(context, out var counts))
                    p = (counts.GetValueOrDefault(token) + counts.Count * p) / (counts.Values.Sum() + counts.Count);
            }

            nats -= Math.Log(p);
        });
        return nats;
    }

    private static void Visit(int[] text, int order, int? end, Action<IReadOnlyList<string>, int> visit)
    {
        int[] padding = end is { } mark ? [.. Enumerable.Repeat(mark, order - 1)] : [];
        int[] all = [.. padding, .. text, .. end is { } last ? [last] : Array.Empty<int>()];
        for (int i = padding.Length; i < all.Length; i++)
        {
            int position = i;
            visit([.. Enumerable.Range(0, order).Where(k => k <= position).Select(k => string.Join(',', all[(position - k)..position]))], all[i]);
        }
    }

    private sealed class Close : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-12;

        public int GetHashCode(double obj) => 0;
    }
}
