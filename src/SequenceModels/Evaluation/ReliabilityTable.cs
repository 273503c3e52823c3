namespace SequenceModels.Evaluation;

/// <summary>The examples whose confidence, the probability of the label that they were given, lies in one interval.</summary>
/// <param name="Lower">Confidences of the bin are above this (the first bin has 0 too).</param>
/// <param name="Upper">And at most this.</param>
/// <param name="Count">Examples in the bin.</param>
/// <param name="MeanConfidence">Their mean confidence; NaN in an empty bin.</param>
/// <param name="Accuracy">Share of them that were given their own label; NaN in an empty bin.</param>
public readonly record struct ReliabilityBin(double Lower, double Upper, long Count, double MeanConfidence, double Accuracy);

/// <summary>
/// Whether probabilities can be taken at their word: of the examples of which 70 % was said, 70 % should be right. Confidences are sorted into bins of equal width,
/// <c>((m-1)/M, m/M]</c>, and the expected calibration error is <c>ECE = sum over m of n_m / n |acc_m - conf_m|</c> (Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017, equation 3).
/// Even of perfect probabilities it is above 0 in a sample: about 0.3 sqrt(used bins / n).
/// </summary>
public sealed class ReliabilityTable
{
    /// <summary>M of Guo et al. 2017.</summary>
    public const int StandardBins = 15;

    private readonly long[] _counts;
    private readonly long[] _right;
    private readonly double[] _confidence;

    /// <summary>An empty table.</summary>
    /// <param name="bins">M, 1 or more.</param>
    public ReliabilityTable(int bins = StandardBins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        (_counts, _right, _confidence) = (new long[bins], new long[bins], new double[bins]);
    }

    /// <summary>n, examples in all bins.</summary>
    public long Examples { get; private set; }

    /// <summary>The bins, ascending.</summary>
    public IReadOnlyList<ReliabilityBin> Bins => [.. Enumerable.Range(0, _counts.Length).Select(m => new ReliabilityBin(
        (double)m / _counts.Length, (double)(m + 1) / _counts.Length, _counts[m], _confidence[m] / _counts[m], (double)_right[m] / _counts[m]))];

    /// <summary>ECE, 0..1; NaN without examples.</summary>
    public double ExpectedCalibrationError
    {
        get
        {
            double sum = 0;
            for (int m = 0; m < _counts.Length; m++)
                sum += Math.Abs(_right[m] - _confidence[m]); // n_m |acc_m - conf_m|
            return sum / Examples;
        }
    }

    /// <summary>Sorts an example in.</summary>
    /// <param name="confidence">Probability of the label that it was given, 0..1.</param>
    /// <param name="right">Whether that is its own.</param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not one.</exception>
    public void Add(double confidence, bool right)
    {
        if (!(confidence is >= 0 and <= 1 + 1e-9)) // sums of rounded probabilities
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A probability lies between 0 and 1.");
        int bin = Math.Clamp((int)Math.Ceiling(confidence * _counts.Length) - 1, 0, _counts.Length - 1);
        _counts[bin]++;
        _right[bin] += right ? 1 : 0;
        _confidence[bin] += confidence;
        Examples++;
    }
}
