using System.Diagnostics;
using RnnService.Api.Reports;
using RnnService.Api.TrainingJobs.Events;
using SequenceModels.Baselines;
using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Training;
using SequenceModels.Training.Advice;

namespace RnnService.Api.TrainingJobs.DryRuns;

/// <summary>Measures a job before it is one: its training, and what <see cref="JobTraining"/> and <see cref="JobRunner"/> do around it, on parts of the data where the whole would take long.</summary>
/// <param name="runnable">The run; a version that it starts from holds its weights.</param>
/// <param name="data">Its data.</param>
/// <param name="threads">Threads that the job would have.</param>
/// <param name="duration">Time in which updates are measured.</param>
internal sealed class JobMeasurement(TrainingPlan runnable, JobData data, int threads, TimeSpan duration)
{
    /// <summary>Characters that baselines are measured on.</summary>
    private const int BaselineCharacters = 300_000;

    /// <summary>Seconds of validation up to which the whole evaluation is done.</summary>
    private const double ShortEvaluation = 0.3;

    /// <summary>Bytes a second that a disk surely takes.</summary>
    private const double DiskSpeed = 200e6;

    /// <summary>Seconds of a job besides all that is measured: rows of the database, files.</summary>
    private const double Bookkeeping = 0.1;

    /// <summary>Seconds that the rows of a validation's events take from a job: they are written meanwhile, on the same processors.</summary>
    private const double Telling = 0.015;

    private double _sample;
    private double _evaluation;
    private double _evaluatedShare;
    private double _baselines;
    private long _precisionTokens;

    /// <summary>Measures, for some seconds.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public MeasuredJob Run(CancellationToken cancellationToken)
    {
        double doctor = Timed(() => RunFacts.Of(runnable, data.Training, data.Validation));
        var estimate = TrainingMeasurement.Run(runnable, data.Training, data.Validation, threads, duration, model => Look(model, cancellationToken), cancellationToken);
        long validations = (long)runnable.Training.Epochs * estimate.ValidationsPerEpoch;
        double watching = estimate.CopySeconds + Telling + _sample * EventPace.ShareOfSamples(validations);
        double read = Math.Min(_precisionTokens, estimate.ValidationTokens) * estimate.ValidationSeconds / estimate.ValidationTokens;
        double after = _evaluation / _evaluatedShare + _baselines + Enum.GetValues<WeightPrecision>().Length * (read + estimate.CopySeconds) + sizeof(float) * runnable.Parameters / DiskSpeed + Bookkeeping;
        return new MeasuredJob(estimate, doctor + estimate.PreparationSeconds + estimate.RangeTestSeconds, estimate.SecondsPerEpoch(watching), after, doctor + estimate.SecondsAtMost(watching) + after);
    }

    /// <summary>What is done with a model at a validation and at the end.</summary>
    private void Look(SequenceModel model, CancellationToken cancellationToken)
    {
        var training = runnable.Training;
        double evaluated = Timed(() => UnitActivity.Of(model, data.Validation, training.SequenceLength, cancellationToken))
            + Timed(() => ValidationSamples.OfOrNull(model, 1, 0, data.Validation, training.Seed, cancellationToken));
        _sample = evaluated;
        _precisionTokens = PrecisionReports.TokensOf(model);

        // The first try, on little, tells how much more is bearable.
        _evaluatedShare = Math.Min(1, 20_000.0 / Math.Max(1, data.Validation.Length));
        Evaluate();
        _evaluatedShare = Math.Min(1, _evaluatedShare * ShortEvaluation / Math.Max(1e-6, Evaluate()));
        _evaluation = Evaluate();
        double share = Math.Min(1, BaselineCharacters / (double)Math.Max(1, data.Training.Length));
        _baselines = Elapsed(() => Baselines(DataSplitter.Part(data.Training, share), DataSplitter.Part(data.Validation, share), cancellationToken)) / share;

        double Evaluate()
        {
            var part = DataSplitter.Part(data.Validation, _evaluatedShare);
            return Elapsed(() => model.Measure(part, training.SequenceLength, threads, EvaluationReports.IntervalSeed, cancellationToken));
        }
    }

    private void Baselines(TrainingData training, TrainingData validation, CancellationToken cancellationToken)
    {
        if (runnable.Task == TaskKind.Classification && training is TrainingData.Labelled labelled && validation is TrainingData.Labelled held)
            ClassificationBaselines.Measure(runnable.Tokenizer, labelled.Items, held.Items, cancellationToken);
        else
            LanguageModelBaselines.Measure(runnable.Tokenizer, training.WithoutLabels(), validation.WithoutLabels(), cancellationToken);
    }

    /// <summary>The second of two times: the first one warms up.</summary>
    private static double Timed(Action work)
    {
        work();
        return Elapsed(work);
    }

    private static double Elapsed(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}

/// <summary>What a measurement told of a job, reading its data left out.</summary>
/// <param name="Training">Of its training alone.</param>
/// <param name="PreparationSeconds">Seconds before the first update.</param>
/// <param name="SecondsPerEpoch">Seconds of an epoch with all that is done at validations.</param>
/// <param name="EvaluationSeconds">Seconds after the last epoch.</param>
/// <param name="SecondsAtMost">Seconds of the whole.</param>
internal sealed record MeasuredJob(TrainingEstimate Training, double PreparationSeconds, double SecondsPerEpoch, double EvaluationSeconds, double SecondsAtMost);
