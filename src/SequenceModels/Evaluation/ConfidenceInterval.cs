namespace SequenceModels.Evaluation;

/// <summary>A range that covers the true value in a stated share of repetitions.</summary>
/// <param name="Lower">Its lower end.</param>
/// <param name="Upper">Its upper end.</param>
public readonly record struct ConfidenceInterval(double Lower, double Upper)
{
    /// <summary>Whether a value lies within, ends included.</summary>
    /// <param name="value">The value; NaN lies in no range.</param>
    public bool Contains(double value) => value >= Lower && value <= Upper;

    /// <summary>Whether two ranges share a value.</summary>
    /// <param name="other">The other range.</param>
    public bool Overlaps(ConfidenceInterval other) => Lower <= other.Upper && other.Lower <= Upper;
}
