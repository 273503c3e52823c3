using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Optimizers;

/// <summary>Adam (Kingma and Ba 2015) with beta 0.9 and 0.999 and epsilon 1e-8, as in PyTorch. Holds two moments a parameter.</summary>
internal sealed unsafe class Adam(ParameterSet parameters) : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;
    private readonly NativeBuffer _first = new(parameters.Values.Length);
    private readonly NativeBuffer _second = new(parameters.Values.Length);

    /// <summary>Updates done.</summary>
    public long Steps { get; private set; }

    /// <summary>Updates all values from their gradients and zeroes the gradients.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="gradientScale">Factor of all gradients.</param>
    public void Step(KernelSet kernels, double learningRate, float gradientScale)
    {
        Steps++;
        double correction1 = 1 - Power(Beta1, Steps), correction2 = 1 - Power(Beta2, Steps);
        var constants = new AdamUpdate.Constants(
            gradientScale, (float)Beta1, (float)Beta2, (float)(learningRate / correction1), (float)(1 / Math.Sqrt(correction2)), (float)Epsilon);
        kernels.Adam(parameters.Values.Pointer, parameters.Gradients.Pointer, _first.Pointer, _second.Pointer, parameters.Values.Length, constants);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    // By squaring: the same bits on every machine, which Math.Pow does not promise.
    private static double Power(double value, long exponent)
    {
        double result = 1;
        for (; exponent > 0; exponent >>= 1, value *= value)
        {
            if ((exponent & 1) == 1)
                result *= value;
        }

        return result;
    }
}
