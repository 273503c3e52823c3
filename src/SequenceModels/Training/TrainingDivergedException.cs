namespace SequenceModels.Training;

/// <summary>A run whose losses were never finite: its steps were too large.</summary>
/// <param name="learningRate">The run's learning rate.</param>
public sealed class TrainingDivergedException(double learningRate)
    : Exception($"Training diverged: no validation gave a finite validation loss. The learning rate, {learningRate}, is probably too high; try a tenth of it.");
