using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Optimizers;

/// <summary>Adam (Kingma and Ba 2015) as in PyTorch, and its variants. Holds two moments a parameter, three for AMSGrad.</summary>
/// <param name="parameters">What is trained.</param>
/// <param name="settings">Constants and variant; <c>null</c>: beta 0.9 and 0.999, epsilon 1e-8, the plain rule.</param>
internal sealed unsafe class Adam(ParameterSet parameters, AdamSettings? settings = null) : IDisposable
{
    private readonly AdamSettings _settings = settings ?? new AdamSettings();
    private readonly NativeBuffer? _largest = settings is { AmsGrad: true } ? new NativeBuffer(parameters.Values.Length) : null;
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
        double correction1 = 1 - Power(_settings.Beta1, Steps), correction2 = 1 - Power(_settings.Beta2, Steps);
        var constants = new AdamUpdate.Constants(
            gradientScale,
            (float)_settings.Beta1,
            (float)_settings.Beta2,
            (float)(learningRate / correction1),
            (float)(1 / Math.Sqrt(correction2)),
            (float)_settings.Epsilon);
        float* values = parameters.Values.Pointer, gradients = parameters.Gradients.Pointer;
        if (_settings.IsPlain)
        {
            kernels.Adam(values, gradients, _first.Pointer, _second.Pointer, parameters.Values.Length, constants);
            return;
        }

        var variant = _settings.Decoupled
            ? new AdamVariantUpdate.Constants(0, (float)(1 - learningRate * _settings.WeightDecay))
            : new AdamVariantUpdate.Constants((float)_settings.WeightDecay, 1);
        kernels.AdamVariant(values, gradients, _first.Pointer, _second.Pointer, _largest is null ? null : _largest.Pointer, parameters.Values.Length, constants, variant);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _largest?.Dispose();
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
