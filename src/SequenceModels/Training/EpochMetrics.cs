namespace SequenceModels.Training;

/// <summary>One point of the learning curves.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="TrainingLoss">Mean loss over the epoch's training tokens or examples as it is learned from (dropout active, labels smoothed and weighted; penalties left out), nats.</param>
/// <param name="ValidationLoss">Mean loss over the validation data, nats, after the epoch.</param>
/// <param name="ValidationAccuracy">Share of validation examples classified rightly; <c>null</c> for language models.</param>
/// <param name="LearningRate">Step size of the epoch's last update.</param>
/// <param name="GradientNorm">Mean global norm of the gradients of an update before clipping.</param>
/// <param name="ElapsedSeconds">Seconds since the run began.</param>
public sealed record EpochMetrics(
    int Epoch, double TrainingLoss, double ValidationLoss, double? ValidationAccuracy, double LearningRate, double GradientNorm, double ElapsedSeconds);
