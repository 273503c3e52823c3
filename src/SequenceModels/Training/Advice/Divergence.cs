namespace SequenceModels.Training.Advice;

/// <summary>A divergence that a run met. It went back to its best state and on at half the rate.</summary>
/// <param name="Epoch">The epoch under way, from 1.</param>
/// <param name="Step">Updates done.</param>
/// <param name="Loss">The mean training loss of the last updates, nats; not finite if the weights were not.</param>
/// <param name="LearningRate">The rate that it happened at.</param>
public sealed record Divergence(int Epoch, long Step, double Loss, double LearningRate);
