using SequenceModels.Data;
using SequenceModels.Text;

namespace SequenceModels.Baselines;

/// <summary>How well an n-gram model of one order foretells held-out data.</summary>
/// <param name="Order">1 for single tokens, 2 for pairs, ...</param>
/// <param name="NatsPerToken">Mean negative log-probability a token, the end mark of a line being one.</param>
public sealed record NGramResult(int Order, double NatsPerToken);

/// <summary>What n-gram models reach on the data of a language model, for comparison.</summary>
/// <param name="Results">One result an order, 1 to 5.</param>
/// <param name="TrainingTokens">Tokens that the n-grams were counted on.</param>
/// <param name="ValidationTokens">Tokens that were foretold, end marks included.</param>
public sealed record LanguageModelBaselineReport(IReadOnlyList<NGramResult> Results, long TrainingTokens, long ValidationTokens);

/// <summary>Measures n-gram models on the same tokens and the same split as a network.</summary>
public static class LanguageModelBaselines
{
    /// <summary>Different n-grams after which no more training data is read: about 200 MB. Tens of millions of characters stay below it.</summary>
    public const int MaximumNGrams = 1 << 22;

    private const int PieceCharacters = 1 << 16;

    /// <summary>Counts n-grams on the training data and measures orders 1 to 5 on the validation data.</summary>
    /// <param name="tokenizer">The network's tokenizer.</param>
    /// <param name="training">A long text or lines.</param>
    /// <param name="validation">Data of the same kind.</param>
    /// <param name="cancellationToken">Looked at between pieces of the data.</param>
    /// <returns>The results.</returns>
    /// <exception cref="ArgumentException">The data is labelled, or of two kinds.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static LanguageModelBaselineReport Measure(ITokenizer tokenizer, TrainingData training, TrainingData validation, CancellationToken cancellationToken) =>
        (training, validation) switch
        {
            (TrainingData.ContinuousText text, TrainingData.ContinuousText heldOut) =>
                Measure(tokenizer, [text.Text], [heldOut.Text], null, cancellationToken),
            (TrainingData.Lines lines, TrainingData.Lines heldOut) =>
                Measure(tokenizer, lines.Items, heldOut.Items, tokenizer.Vocabulary.End ?? throw new ArgumentException("A language model of lines has an end mark.", nameof(tokenizer)), cancellationToken),
            _ => throw new ArgumentException("N-grams are measured on a text, or on lines, on both sides.", nameof(training)),
        };

    private static LanguageModelBaselineReport Measure(ITokenizer tokenizer, IReadOnlyList<string> training, IReadOnlyList<string> validation, int? end, CancellationToken cancellationToken)
    {
        var model = new NGramModel(NGramModel.MaximumOrder, tokenizer.Vocabulary.Count, end);
        long trained = 0, measured = 0;
        foreach (int[] piece in Pieces(tokenizer, training, end))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (model.NGrams >= MaximumNGrams)
                break;
            model.Add(piece);
            trained += piece.Length + (end is null ? 0 : 1);
        }

        var nats = new double[model.Order];
        foreach (int[] piece in Pieces(tokenizer, validation, end))
        {
            cancellationToken.ThrowIfCancellationRequested();
            measured += model.Measure(piece, nats);
        }

        return new([.. nats.Select((sum, index) => new NGramResult(index + 1, sum / Math.Max(1, measured)))], trained, measured);
    }

    // Lines are pieces of their own. A long text is read in pieces, so that its tokens are never in memory all at once;
    // the first four tokens of each piece have less context for it.
    private static IEnumerable<int[]> Pieces(ITokenizer tokenizer, IReadOnlyList<string> texts, int? end) =>
        (end is null ? texts.SelectMany(Cut) : texts).Select(tokenizer.Encode);

    private static IEnumerable<string> Cut(string text)
    {
        int start = 0;
        while (text.Length - start > PieceCharacters)
        {
            // At white space if there is any: a cut within a word would make two tokens of one.
            int space = text.AsSpan(start, PieceCharacters).LastIndexOfAny(' ', '\n');
            int length = space > 0 ? space : PieceCharacters;
            if (char.IsHighSurrogate(text[start + length - 1]))
                length--;
            yield return text.Substring(start, length);
            start += length;
        }

        yield return text[start..];
    }
}
