namespace SequenceModels.Evaluation;

/// <summary>What a classifier reaches on labelled examples. Probabilities are those of its temperature (<see cref="TemperatureScaling"/>).</summary>
public sealed record ClassifierEvaluation : ModelEvaluation
{
    /// <summary>Which labels were given for which; its labels have the numbers of the classifier's.</summary>
    public required ConfusionMatrix Confusion { get; init; }

    /// <summary>[N] which examples were given their own label.</summary>
    public required IReadOnlyList<bool> Right { get; init; }

    /// <summary>T, what the logits are divided by.</summary>
    public required double Temperature { get; init; }

    /// <summary>Whether probabilities can be taken at their word, with T = 1.</summary>
    public required CalibrationScores Uncalibrated { get; init; }

    /// <summary>The same with the classifier's T.</summary>
    public required CalibrationScores Calibrated { get; init; }

    /// <summary>The examples of the highest loss, the highest first.</summary>
    public required IReadOnlyList<HardExample> Hardest { get; init; }
}

/// <summary>How good stated probabilities are.</summary>
/// <param name="LogLoss">Mean negative log-probability of the examples' own labels, nats.</param>
/// <param name="Brier">Brier's score, 0..2.</param>
/// <param name="Reliability">The reliability table, with the expected calibration error.</param>
public sealed record CalibrationScores(double LogLoss, double Brier, ReliabilityTable Reliability);

/// <summary>An example that a classifier finds hard.</summary>
/// <param name="Index">Which of the examples, from 0.</param>
/// <param name="Label">The number of its label.</param>
/// <param name="Predicted">The number of the label that it was given.</param>
/// <param name="Probability">The probability of that.</param>
/// <param name="LabelProbability">The probability of its own label.</param>
/// <param name="Loss">Negative log-probability of its own label, nats.</param>
public readonly record struct HardExample(int Index, int Label, int Predicted, double Probability, double LabelProbability, double Loss);
