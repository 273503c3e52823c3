using System.Globalization;
using RnnService.Api.Reports;
using RnnService.Api.TrainingJobs.Events;
using SequenceModels.Baselines;
using SequenceModels.Data;
using SequenceModels.Evaluation;
using SequenceModels.Training;
using SequenceModels.Training.Advice;

namespace RnnService.Api.TrainingJobs;

/// <summary>What training gave: a model with its baselines, a refusal, or neither if it was interrupted.</summary>
public sealed record TrainedJob : IDisposable
{
    public TrainingOutcome? Outcome { get; init; }

    /// <summary>The share of each label in the training examples, in the order of the labels.</summary>
    public IReadOnlyList<double> LabelShares { get; init; } = [];

    /// <summary>What the model reaches on the validation data.</summary>
    public ModelEvaluation? Evaluation { get; init; }

    /// <summary>Why the data cannot be learned from.</summary>
    public string? Refusal { get; init; }

    public IReadOnlyList<BaselineReport> Baselines { get; init; } = [];

    public double BaselineSeconds { get; init; }

    public IReadOnlyList<PrecisionReport> Precisions { get; init; } = [];

    public void Dispose() => Outcome?.Dispose();
}

/// <summary>The computation of one job: synchronous, for a thread of its own.</summary>
internal sealed class JobTraining(
    TrainingJobRow job, JobPlan plan, JobData data, TrainingBase? start, JobRecorder recorder, JobCheckpoints checkpoints, JobSteering steering, RunningJob running, int threads, TimeProvider time, ILogger logger)
{
    private RunningJob Running => running;

    private JobSteering Steering => steering;

    private JobRecorder Recorder => recorder;

    /// <summary>Trains from the last checkpoint on, or from the beginning, then measures the model, the baselines and the lower precisions on the same split.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled, or interrupted when the network had been trained.</exception>
    public TrainedJob Run()
    {
        // Every choice was made when the job was created; what is rebuilt here is what data alone decides: vocabulary and labels.
        var resolved = TrainingPlanner.Resolve(job.Task, data.Training, data.Validation, ResolvedRequests.Of(plan.Architecture), ResolvedRequests.Of(plan.Training), threads, start);
        if (resolved.Plan is not { } runnable)
            return new TrainedJob { Refusal = resolved.Refusal };

        recorder.Begin(runnable);
        TrainingOutcome? outcome = null;
        try
        {
            outcome = TrainOrNull(runnable);
            if (outcome is null)
                return new TrainedJob();
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(running.Cancelled, running.Interrupted);
            var cancellationToken = leaving.Token;
            recorder.Ended(outcome);
            var evaluation = outcome.Model.Measure(data.Validation, plan.Training.SequenceLength, threads, EvaluationReports.IntervalSeed, cancellationToken);
            long start = time.GetTimestamp();
            var baselines = Baselines(runnable, outcome, evaluation, cancellationToken);
            double baselineSeconds = time.GetElapsedTime(start).TotalSeconds;
            var precisions = PrecisionReports.Measure(outcome.Model, data.Validation, plan.Training.SequenceLength, threads, cancellationToken);
            var trained = new TrainedJob { Outcome = outcome, LabelShares = runnable.LabelShares, Evaluation = evaluation, Baselines = baselines, BaselineSeconds = baselineSeconds, Precisions = precisions };
            outcome = null;
            return trained;
        }
        finally
        {
            outcome?.Dispose();
        }
    }

    /// <summary>The network; <c>null</c> if the run was interrupted.</summary>
    private TrainingOutcome? TrainOrNull(TrainingPlan runnable)
    {
        var trainer = new Trainer(threads); // threads that it starts inherit the niceness of this one
        using var checkpoint = checkpoints.OpenNewestOrNull(job.Id);
        try
        {
            if (checkpoint is not null)
                logger.LogInformation("Job {JobId} goes on from step {Step} in epoch {Epoch}", job.Id, checkpoint.Content.Step, checkpoint.Content.Epoch);
            return trainer.Train(runnable, data.Training, data.Validation, new Control(this, runnable, checkpoint), checkpoint?.Content, running.Cancelled);
        }
        catch (TrainingCheckpointException other)
        {
            logger.LogWarning("The checkpoints of job {JobId} cannot be gone on from, and it begins anew: {Reason}", job.Id, other.Message);
            checkpoints.Delete(job.Id);
            return trainer.Train(runnable, data.Training, data.Validation, new Control(this, runnable, null), from: null, running.Cancelled);
        }
    }

    private void Report(TrainingProgress progress, ProgressResponse told)
    {
        running.Progress = told;
        recorder.Report(told);
        if (!progress.EpochEnded)
            return;
        bool best = progress.ValidationLoss is { } loss && loss <= progress.BestValidationLoss;
        logger.LogInformation(
            "Job {JobId} ({Model}) epoch {Epoch} of {Epochs}: training loss {TrainingLoss}, validation loss {ValidationLoss}{Best}, {TokensPerSecond:F0} tokens/s, {Seconds:F1} s",
            job.Id, job.Model, progress.Epoch, progress.Epochs, Nats(progress.TrainingLoss), Nats(progress.ValidationLoss), best ? " (best)" : "", progress.TokensPerSecond, progress.Elapsed.TotalSeconds);
    }

    private void Diverged(Divergence divergence)
    {
        logger.LogWarning(
            "Job {JobId} ({Model}) diverged at step {Step}, went back to its best state and goes on at half the learning rate of {LearningRate}", job.Id, job.Model, divergence.Step, divergence.LearningRate);
        recorder.Diverged(divergence);
    }

    private static string Nats(double? value) => value?.ToString("F4", CultureInfo.InvariantCulture) ?? "unknown";

    private List<BaselineReport> Baselines(TrainingPlan runnable, TrainingOutcome outcome, ModelEvaluation evaluation, CancellationToken cancellationToken)
    {
        if (evaluation is ClassifierEvaluation classifier && data.Training is TrainingData.Labelled training && data.Validation is TrainingData.Labelled validation)
        {
            var measured = ClassificationBaselines.Measure(runnable.Tokenizer, training.Items, validation.Items, cancellationToken);
            return
            [
                BaselineReport.OfAccuracy("majority", measured.Majority, classifier),
                BaselineReport.OfAccuracy("naiveBayes", measured.NaiveBayes, classifier),
            ];
        }

        var orders = LanguageModelBaselines.Measure(runnable.Tokenizer, data.Training.WithoutLabels(), data.Validation.WithoutLabels(), cancellationToken);
        return [.. orders.Results.Select(order => BaselineReport.OfLoss(NameOf(order.Order), order.NatsPerToken, outcome))];
    }

    private static string NameOf(int order) => order switch
    {
        1 => "unigram",
        2 => "bigram",
        3 => "trigram",
        _ => string.Create(CultureInfo.InvariantCulture, $"{order}-gram"),
    };

    /// <summary>Tells what happens and asks how to go on.</summary>
    private sealed class Control(JobTraining training, TrainingPlan runnable, OpenCheckpoint? from) : TrainingControl
    {
        private readonly long _plannedSteps = (long)runnable.Training.Epochs * runnable.StepsPerEpoch;
        private readonly RunPace _pace = new();

        public override CancellationToken Hurry => training.Running.Interrupted;

        public override void Report(TrainingProgress progress)
        {
            _pace.Add(progress.Elapsed.TotalSeconds, progress.Step + (progress.RangeTest?.Step ?? 0));
            training.Report(progress, ProgressResponse.Of(progress, _plannedSteps, _pace.UpdatesPerSecond, runnable.Training.MaxSeconds));
        }

        public override TrainingDecision Decide(TrainingMoment moment)
        {
            from?.Dispose(); // it has been read, and its room on the disk can be given back
            return training.Steering.Decide(moment);
        }

        public override void Validated(ValidatedWeights validated) => training.Recorder.Validated(validated, training.Running.Cancelled);

        public override void WentOn(ValidatedWeights best) => training.Recorder.WentOn(best);

        public override void Diverged(Divergence divergence) => training.Diverged(divergence);
    }
}
