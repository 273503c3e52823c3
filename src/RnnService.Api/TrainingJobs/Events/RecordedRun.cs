using SequenceModels.Training.Advice;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>What the events of a job's earlier runs have told already.</summary>
/// <param name="MetricsStep">The last step whose metrics were told; -1 before any.</param>
/// <param name="ValidatedStep">The last step whose validation was told; -1 before any.</param>
/// <param name="SampleStep">The last step of which a sample was told; -1 before any.</param>
/// <param name="Advice">The kinds of advice that were given.</param>
public sealed record RecordedRun(long MetricsStep, long ValidatedStep, long SampleStep, IReadOnlySet<AdviceKind> Advice);
