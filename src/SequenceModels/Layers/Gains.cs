namespace SequenceModels.Layers;

/// <summary>Factors that keep a signal's variance through a nonlinearity, as PyTorch's <c>calculate_gain</c> has them.</summary>
internal static class Gains
{
    public const double Linear = 1;

    public const double Sigmoid = 1;

    public const double Tanh = 5.0 / 3.0;

    /// <summary>For max(0, x): the square root of 2 (He et al. 2015).</summary>
    public static readonly double Relu = Math.Sqrt(2);

    /// <summary>For x where positive, slope x otherwise.</summary>
    public static double LeakyRelu(double slope = 0.01) => Math.Sqrt(2 / (1 + slope * slope));
}
