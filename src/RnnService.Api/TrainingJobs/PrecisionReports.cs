using SequenceModels.Data;
using SequenceModels.Tasks;

namespace RnnService.Api.TrainingJobs;

/// <summary>Measures a trained model at each precision that it can be loaded with, on so much of the validation data as takes about a second.</summary>
internal static class PrecisionReports
{
    /// <summary>Products of a weight and a value that may be spent on one precision.</summary>
    private const long Operations = 10_000_000_000;

    private const int LeastTokens = 512;
    private const int MostTokens = 16_384;

    /// <summary>Characters that a token has about.</summary>
    private const int CharactersOfAWord = 5;

    public static IReadOnlyList<PrecisionReport> Measure(SequenceModel model, TrainingData validation, int sequenceLength, int threads, CancellationToken cancellationToken)
    {
        long tokens = Math.Clamp(Operations / Math.Max(1, model.Parameters.Count), LeastTokens, MostTokens);
        var part = Part(validation, (int)tokens * (model.Tokenizer.Kind == TokenizerKind.Word ? CharactersOfAWord : 1));
        return [.. Enum.GetValues<WeightPrecision>().Select(precision =>
        {
            var metrics = TrainingReports.Finite(model.Evaluate(part, sequenceLength, threads, precision, cancellationToken));
            return new PrecisionReport(
                precision, metrics["validationLoss"], metrics.GetValueOrDefault("accuracy"), (long)(metrics.GetValueOrDefault("tokens") ?? metrics.GetValueOrDefault("examples") ?? 0));
        })];
    }

    /// <summary>The beginning of a text; of rows, which may stand sorted in their file, some evenly from all.</summary>
    private static TrainingData Part(TrainingData data, int characters) => data switch
    {
        TrainingData.ContinuousText text => new TrainingData.ContinuousText(text.Text.Length <= characters ? text.Text : text.Text[..WholeCharacters(text.Text, characters)]),
        TrainingData.Lines lines => new TrainingData.Lines(Some(lines.Items, line => line.Length, characters)),
        TrainingData.Labelled labelled => new TrainingData.Labelled(Some(labelled.Items, item => item.Text.Length, characters)),
        _ => data,
    };

    private static int WholeCharacters(string text, int length) => char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;

    private static IReadOnlyList<T> Some<T>(IReadOnlyList<T> rows, Func<T, int> length, int characters)
    {
        long total = rows.Sum(row => (long)length(row));
        int count = (int)Math.Clamp((long)rows.Count * characters / Math.Max(1, total), 1, rows.Count);
        return count == rows.Count ? rows : [.. Enumerable.Range(0, count).Select(i => rows[(int)((long)i * rows.Count / count)])];
    }
}
