using SequenceModels.Randomness;
using SequenceModels.Sampling;

namespace SequenceModels.Tests.Sampling;

/// <summary>A language model whose logits depend on a row's last two tokens; it keeps a row as it is when told -1.</summary>
internal sealed class MarkovStepper(int rows, int vocabularySize, Func<int, int, float[]> logitsAfter) : ITokenStepper
{
    private readonly (int Before, int Last)[] _states = [.. Enumerable.Repeat((-1, -1), rows)];
    private readonly float[][] _logits = new float[rows][];

    public int Rows => rows;

    public int VocabularySize => vocabularySize;

    public int Steps { get; private set; }

    public bool Disposed { get; private set; }

    /// <summary>Random logits, the same for the same two tokens.</summary>
    public static Func<int, int, float[]> Random(int vocabularySize, long seed) => (before, last) =>
    {
        var random = new CounterRandom(seed, RandomPurpose.Initialization, (uint)(before + 1), (uint)(last + 1));
        return [.. Enumerable.Range(0, vocabularySize).Select(i => random.Uniform(i) * 6)];
    };

    /// <summary>The token that follows each token is certain.</summary>
    public static Func<int, int, float[]> Chain(int vocabularySize, params (int Token, int Next)[] successors) => (_, last) =>
    {
        var logits = new float[vocabularySize];
        logits[successors.Single(pair => pair.Token == last).Next] = 50;
        return logits;
    };

    public void Step(ReadOnlySpan<int> tokens)
    {
        // Not an assertion of xunit: it would allocate, and some tests measure that.
        if (tokens.Length != rows)
            throw new ArgumentException($"{tokens.Length} tokens for {rows} rows.", nameof(tokens));
        Steps++;
        for (int row = 0; row < rows; row++)
        {
            if (tokens[row] < 0)
                continue;
            _states[row] = (_states[row].Last, tokens[row]);
            _logits[row] = logitsAfter(_states[row].Before, _states[row].Last);
        }
    }

    public ReadOnlySpan<float> Logits(int row) => _logits[row];

    public void Dispose() => Disposed = true;
}
