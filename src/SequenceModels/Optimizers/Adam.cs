using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Optimizers;

/// <summary>Adam (Kingma and Ba 2015) as in PyTorch, and its variants. Holds two moments a parameter, three for AMSGrad.</summary>
internal sealed unsafe class Adam : Optimizer
{
    private readonly NativeBuffer _first;
    private readonly NativeBuffer _second;
    private readonly NativeBuffer? _largest;

    /// <param name="parameters">What is trained.</param>
    /// <param name="settings">Constants and variant; <c>null</c>: beta 0.9 and 0.999, epsilon 1e-8, the plain rule.</param>
    public Adam(ParameterSet parameters, OptimizerSettings? settings = null)
        : base(parameters, settings ?? new OptimizerSettings())
    {
        _first = Remember("exp_avg");
        _second = Remember("exp_avg_sq");
        _largest = Settings.AmsGrad ? Remember("max_exp_avg_sq") : null;
    }

    protected override void Update(KernelSet kernels, long start, long length, double learningRate, in UpdateConstants constants)
    {
        long age = Steps - Counts.MomentsStart;
        double correction1 = 1 - Powers.Power(Settings.Beta1, age), correction2 = 1 - Powers.Power(Settings.Beta2, age);
        var adam = new AdamUpdate.Constants(
            constants.GradientScale,
            (float)Settings.Beta1,
            (float)Settings.Beta2,
            (float)(learningRate / correction1),
            (float)(1 / Math.Sqrt(correction2)),
            (float)Settings.EpsilonOrDefault);
        float* values = Parameters.Values.Pointer + start, gradients = Parameters.Gradients.Pointer + start, first = _first.Pointer + start, second = _second.Pointer + start;
        if (Settings.WeightDecay == 0 && _largest is null) // the plain rule has a kernel of its own
            kernels.Adam(values, gradients, first, second, length, adam);
        else
            kernels.AdamVariant(
                values, gradients, first, second, _largest is null ? null : _largest.Pointer + start, length,
                adam, new AdamVariantUpdate.Constants(constants.WeightDecay, constants.Shrink));
    }
}
