using System.Globalization;
using SequenceModels.Training;
using SequenceModels.Training.Advice;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>The data of an event of type metrics. Losses are nats a token (language models) or an example; null where there is nothing to tell.</summary>
internal sealed record MetricsData
{
    public int Epoch { get; init; }

    public int Epochs { get; init; }

    /// <summary>Updates done.</summary>
    public long Step { get; init; }

    public long TotalSteps { get; init; }

    public double Fraction { get; init; }

    public double? TrainingLoss { get; init; }

    public double? ValidationLoss { get; init; }

    public double? BestValidationLoss { get; init; }

    /// <summary>Whether the event tells of a validation.</summary>
    public bool Validated { get; init; }

    /// <summary>Whether what was validated is the best so far.</summary>
    public bool IsBest { get; init; }

    /// <summary>All that the validation measured; null where none is told.</summary>
    public IReadOnlyDictionary<string, double?>? Metrics { get; init; }

    public double? LearningRate { get; init; }

    /// <summary>Mean global norm of the gradients before clipping.</summary>
    public double? GradientNorm { get; init; }

    public double? TokensPerSecond { get; init; }

    public double ElapsedSeconds { get; init; }

    public double? EtaSeconds { get; init; }
}

/// <summary>The data of an event of type advice.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Cause">What was seen, and what it means.</param>
/// <param name="Remedy">What to change.</param>
/// <param name="Figures">The measurements that it was seen by.</param>
internal sealed record AdviceData(AdviceKind Kind, string Cause, string Remedy, IReadOnlyDictionary<string, double> Figures);

/// <summary>What a run's progress and validations say.</summary>
internal static class RunEvents
{
    public static JobEventRow Progress(string jobId, DateTimeOffset at, ProgressResponse progress) => Of(
        jobId, at, JobEventType.Metrics,
        string.Create(CultureInfo.InvariantCulture, $"Epoch {progress.Epoch} of {progress.Epochs}, step {progress.Step} of {progress.TotalSteps}: training loss {Nats(progress.TrainingLoss)}."),
        Data(progress));

    public static JobEventRow RangeTest(string jobId, DateTimeOffset at, ProgressResponse progress, RangeTestProgress test) => Of(
        jobId, at, JobEventType.Metrics,
        string.Create(CultureInfo.InvariantCulture, $"The range test found a learning rate of {test.Found:G3} in {test.Step} steps."),
        Data(progress) with { LearningRate = test.Found });

    /// <param name="jobId">The job.</param>
    /// <param name="at">When.</param>
    /// <param name="validated">The validation.</param>
    /// <param name="progress">The progress that was reported last.</param>
    public static JobEventRow Validation(string jobId, DateTimeOffset at, ValidatedWeights validated, ProgressResponse progress)
    {
        var point = validated.Point;
        double? loss = Finite(point.ValidationLoss);
        string best = validated.IsBest ? ", the least so far" : "";
        double fraction = progress.TotalSteps > 0 ? Math.Clamp((double)point.Step / progress.TotalSteps, 0, 1) : 0;
        return Of(
            jobId, at, JobEventType.Metrics,
            string.Create(CultureInfo.InvariantCulture, $"Epoch {point.Epoch} of {progress.Epochs}, step {point.Step}: training loss {Nats(Finite(point.TrainingLoss))}, validation loss {Nats(loss)}{best}."),
            Data(progress) with
            {
                Epoch = point.Epoch,
                Step = point.Step,
                Fraction = fraction,
                TrainingLoss = Finite(point.TrainingLoss),
                ValidationLoss = loss,
                BestValidationLoss = validated.IsBest ? loss : progress.BestValidationLoss,
                Validated = true,
                IsBest = validated.IsBest,
                Metrics = TrainingReports.Finite(validated.Metrics),
                LearningRate = point.LearningRate,
                GradientNorm = Finite(point.GradientNorm),
                ElapsedSeconds = point.ElapsedSeconds,
            });
    }

    public static JobEventRow Sample(string jobId, DateTimeOffset at, string message, object data) => Of(jobId, at, JobEventType.Sample, message, data);

    public static JobEventRow Advice(string jobId, DateTimeOffset at, TrainingAdvice advice) => Of(
        jobId, at, JobEventType.Advice, $"{advice.Cause} {advice.Remedy}", new AdviceData(advice.Kind, advice.Cause, advice.Remedy, advice.Figures), JobEventLevel.Warning);

    private static MetricsData Data(ProgressResponse progress) => new()
    {
        Epoch = progress.Epoch,
        Epochs = progress.Epochs,
        Step = progress.Step,
        TotalSteps = progress.TotalSteps,
        Fraction = progress.Fraction,
        TrainingLoss = progress.TrainingLoss,
        ValidationLoss = progress.ValidationLoss,
        BestValidationLoss = progress.BestValidationLoss,
        TokensPerSecond = progress.TokensPerSecond,
        ElapsedSeconds = progress.ElapsedSeconds,
        EtaSeconds = progress.EtaSeconds,
    };

    private static JobEventRow Of<T>(string jobId, DateTimeOffset at, JobEventType type, string message, T data, JobEventLevel level = JobEventLevel.Info) =>
        new() { JobId = jobId, At = at, Level = level, Type = type, Message = message, DataJson = JobJson.Write(data) };

    private static string Nats(double? loss) => loss?.ToString("F4", CultureInfo.InvariantCulture) ?? "unknown";

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
