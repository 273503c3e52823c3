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

    /// <summary>Tokens of the validation data, if it has so many, that each precision is measured on.</summary>
    public static long TokensOf(SequenceModel model) => Math.Clamp(Operations / Math.Max(1, model.Parameters.Count), LeastTokens, MostTokens);

    public static IReadOnlyList<PrecisionReport> Measure(SequenceModel model, TrainingData validation, int sequenceLength, int threads, CancellationToken cancellationToken)
    {
        double characters = (double)TokensOf(model) * (model.Tokenizer.Kind == TokenizerKind.Word ? CharactersOfAWord : 1);
        var part = DataSplitter.Part(validation, characters / validation.Length);
        return [.. Enum.GetValues<WeightPrecision>().Select(precision =>
        {
            var metrics = TrainingReports.Finite(model.Evaluate(part, sequenceLength, threads, precision, cancellationToken));
            return new PrecisionReport(
                precision, metrics["validationLoss"], metrics.GetValueOrDefault("accuracy"), (long)(metrics.GetValueOrDefault("tokens") ?? metrics.GetValueOrDefault("examples") ?? 0));
        })];
    }
}
