namespace SequenceModels.Training;

/// <summary>Where a run stands.</summary>
public sealed record TrainingProgress
{
    /// <summary>The current epoch, from 1; 0 while the run is being prepared.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs at most.</summary>
    public required int Epochs { get; init; }

    /// <summary>Parameter updates done.</summary>
    public required long Step { get; init; }

    /// <summary>Parameter updates at most.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Training tokens a second since the run began, validation time included.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Time since the run began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Mean training loss of the current epoch so far, nats (a token, or an example); <c>null</c> before the first step, not finite if training diverged.</summary>
    public double? TrainingLoss { get; init; }

    /// <summary>Validation loss after the last whole epoch, nats.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>The least validation loss so far, nats.</summary>
    public double? BestValidationLoss { get; init; }

    /// <summary>How far the range test is, and what it found; <c>null</c> without one.</summary>
    public RangeTestProgress? RangeTest { get; init; }

    /// <summary>Whether this report closes an epoch.</summary>
    public bool EpochEnded { get; init; }
}
