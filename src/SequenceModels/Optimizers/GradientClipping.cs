using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Optimizers;

/// <summary>Clipping by global norm (Pascanu, Mikolov, Bengio 2013), or value by value.</summary>
internal static unsafe class GradientClipping
{
    /// <summary>
    /// The factor that brings gradients of that norm down to <paramref name="maximum"/>: maximum / (norm + 1e-6) if that is below 1, else 1 (PyTorch's <c>clip_grad_norm_</c>).
    /// </summary>
    public static float Factor(float norm, double maximum) => Math.Min(1, (float)maximum / (norm + 1e-6f));

    /// <summary>Brings each gradient into ± <paramref name="limit"/> (PyTorch's <c>clip_grad_value_</c>); a NaN stays one.</summary>
    public static void ByValue(KernelSet kernels, ParameterSet parameters, double limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        kernels.ClipValues(parameters.Gradients.Pointer, parameters.Gradients.Length, (float)limit);
    }
}
