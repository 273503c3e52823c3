namespace SequenceModels.Training;

/// <summary>One point of the learning curves: a validation and the part of an epoch before it.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="TrainingLoss">Mean loss over the epoch's training tokens or examples so far as it is learned from (dropout active, labels smoothed and weighted; penalties left out), nats.</param>
/// <param name="ValidationLoss">Mean loss over the validation data, nats.</param>
/// <param name="ValidationAccuracy">Share of validation examples classified rightly; <c>null</c> for language models.</param>
/// <param name="LearningRate">Step size of the last update.</param>
/// <param name="GradientNorm">Mean global norm of the gradients of the epoch's updates so far before clipping.</param>
/// <param name="ElapsedSeconds">Seconds that the run has taken.</param>
/// <param name="Step">Updates done since the run began.</param>
/// <param name="EpochEnded">Whether the epoch is over, rather than validated in its midst.</param>
public sealed record EpochMetrics(
    int Epoch, double TrainingLoss, double ValidationLoss, double? ValidationAccuracy, double LearningRate, double GradientNorm, double ElapsedSeconds, long Step, bool EpochEnded);
