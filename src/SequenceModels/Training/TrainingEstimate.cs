namespace SequenceModels.Training;

/// <summary>How long a run is going to take, from a short measurement of it (<see cref="TrainingMeasurement"/>).</summary>
public sealed record TrainingEstimate
{
    /// <summary>The run that was measured.</summary>
    public required TrainingPlan Plan { get; init; }

    /// <summary>Threads that it is fastest with, of those that it may use.</summary>
    public required int Threads { get; init; }

    /// <summary>Updates whose time was taken, warming up left out.</summary>
    public required int MeasuredSteps { get; init; }

    /// <summary>Seconds that they took.</summary>
    public required double MeasuredSeconds { get; init; }

    /// <summary>Training tokens a second while updates are made.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Tokens that an epoch learns from.</summary>
    public required long TokensPerEpoch { get; init; }

    /// <summary>Tokens that a validation reads.</summary>
    public required long ValidationTokens { get; init; }

    /// <summary>Seconds from the beginning to the first update: threads, first weights, the texts' tokens.</summary>
    public required double PreparationSeconds { get; init; }

    /// <summary>Seconds that finding the number of threads costs.</summary>
    public required double TuningSeconds { get; init; }

    /// <summary>Seconds of one validation.</summary>
    public required double ValidationSeconds { get; init; }

    /// <summary>Seconds that a model of a copy of the weights takes.</summary>
    public required double CopySeconds { get; init; }

    /// <summary>Validations of an epoch.</summary>
    public int ValidationsPerEpoch => 1 + (Plan.StepsPerEpoch / Plan.Training.ValidateEverySteps ?? 0);

    /// <summary>Seconds of the updates of an epoch.</summary>
    public double UpdateSeconds => TokensPerEpoch / TokensPerSecond;

    /// <summary>Seconds of the range test before the run, if its loss does not end it, but time may; 0 without one.</summary>
    public double RangeTestSeconds => Plan.Training.RangeTest is { } test ? Math.Min(test.Steps * StepSeconds, Math.Max(0, (Plan.Training.MaxSeconds ?? double.PositiveInfinity) - PreparationSeconds)) : 0;

    private double StepSeconds => UpdateSeconds / Plan.StepsPerEpoch;

    /// <summary>Seconds from the last update to the model: for a classifier, its probabilities are calibrated.</summary>
    public double FinishSeconds => CopySeconds + (Plan.Task == Tasks.TaskKind.Classification ? ValidationSeconds : 0);

    /// <summary>Seconds of an epoch with its validations.</summary>
    /// <param name="watching">Seconds that whoever controls the run takes at each validation.</param>
    public double SecondsPerEpoch(double watching = 0) => UpdateSeconds + ValidationsPerEpoch * (ValidationSeconds + watching);

    /// <summary>Seconds of the whole run if no early stopping ends it: of all epochs, or of so many as <see cref="TrainingSettings.MaxSeconds"/> allows.</summary>
    /// <param name="watching">Seconds that whoever controls the run takes at each validation.</param>
    public double SecondsAtMost(double watching = 0)
    {
        double run = PreparationSeconds + RangeTestSeconds + TuningSeconds + Plan.Training.Epochs * SecondsPerEpoch(watching);
        // The limit is looked at after each step of the range test, each update and each validation; one update is made at least, and what was learned until then is validated.
        double limit = Plan.Training.MaxSeconds is { } seconds ? Math.Max(seconds, PreparationSeconds) + StepSeconds + ValidationSeconds + watching : double.PositiveInfinity;
        return Math.Min(run, limit) + FinishSeconds;
    }
}
