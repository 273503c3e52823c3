using SequenceModels.Text;

namespace SequenceModels.Sampling;

/// <summary>Asks a language model how probable texts are, token by token. A text's scores never depend on the texts beside it.</summary>
public static class TextScorer
{
    /// <summary>Texts that are read side by side.</summary>
    private const int Rows = 32;

    /// <summary>Scores texts, each read from the beginning of a sequence.</summary>
    /// <param name="createStepper">Makes a stepper of so many rows at the beginning of a sequence; it is disposed of.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="startToken">The token that a sequence begins with; it is read, not scored.</param>
    /// <param name="texts">The texts. For models of lines each is a whole line: its end mark is scored too.</param>
    /// <param name="cancellationToken">Looked at before each token.</param>
    /// <returns>The scores in the order of the texts.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<ScoredText> Score(
        Func<int, ITokenStepper> createStepper, ITokenizer tokenizer, int startToken, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        int[][] tokens = [.. texts.Select(text => tokenizer.Vocabulary.End is { } end ? [.. tokenizer.Encode(text), end] : tokenizer.Encode(text))];
        var results = new ScoredText[tokens.Length];
        // Texts of like lengths are read together, so that few rows wait for a longer one.
        foreach (int[] together in Enumerable.Range(0, tokens.Length).OrderByDescending(text => tokens[text].Length).Chunk(Rows))
            Score(createStepper, startToken, together, tokens, results, cancellationToken);
        return results;
    }

    private static void Score(Func<int, ITokenStepper> createStepper, int startToken, int[] together, int[][] tokens, ScoredText[] results, CancellationToken cancellationToken)
    {
        using var stepper = createStepper(together.Length);
        TokenScore[][] scores = [.. together.Select(text => new TokenScore[tokens[text].Length])];
        var next = new int[together.Length];
        for (int position = 0; position < scores[0].Length; position++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int row = 0; row < next.Length; row++)
                next[row] = position >= scores[row].Length ? -1 : position == 0 ? startToken : tokens[together[row]][position - 1];
            stepper.Step(next);
            for (int row = 0; row < next.Length && position < scores[row].Length; row++)
                scores[row][position] = LogitStatistics.Score(stepper.Logits(row), tokens[together[row]][position]);
        }

        for (int row = 0; row < next.Length; row++)
        {
            double sum = scores[row].Sum(score => score.LogProbability);
            results[together[row]] = new(scores[row], sum, scores[row].Length == 0 ? null : SamplingMath.Exp(-sum / scores[row].Length));
        }
    }
}
