namespace SequenceModels.Training.Advice;

/// <summary>A divergence that a run met, and what it did about it.</summary>
/// <param name="Epoch">The epoch under way, from 1.</param>
/// <param name="Step">Updates done.</param>
/// <param name="Loss">The training loss by then, nats; not finite if the weights are not.</param>
/// <param name="LearningRate">The rate that it happened at.</param>
/// <param name="Recovered">Whether the run went back to its best state and goes on at half the rate; it does so once.</param>
public sealed record Divergence(int Epoch, long Step, double Loss, double LearningRate, bool Recovered);
