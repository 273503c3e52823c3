using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Optimizers;

/// <summary>
/// Plain stochastic gradient descent that averages its points from the moment on that validation stops improving: NT-ASGD (Merity, Keskar and Socher 2018), with the averages of PyTorch's
/// <c>ASGD(t0=0, lambd=0)</c>. Holds one value a parameter.
/// </summary>
internal sealed unsafe class AveragedSgd : Optimizer
{
    private readonly NativeBuffer _averages;

    public AveragedSgd(ParameterSet parameters, OptimizerSettings settings)
        : base(parameters, settings) => _averages = Remember("ax");

    /// <summary>Whether there are averages yet.</summary>
    public bool HasAverages => Counts.AveragingStart < Steps;

    public override void StartAveraging() => Counts = Counts with { AveragingStart = Counts.AveragingStart ?? Steps };

    public override void ExchangeForEvaluation()
    {
        if (!HasAverages)
            return;
        float* values = Parameters.Values.Pointer, averages = _averages.Pointer;
        for (long j = 0; j < Parameters.Values.Length; j++)
            (values[j], averages[j]) = (averages[j], values[j]);
    }

    protected override void Update(KernelSet kernels, long start, long length, double learningRate, in UpdateConstants constants)
    {
        float* values = Parameters.Values.Pointer + start, gradients = Parameters.Gradients.Pointer + start;
        if (Counts.AveragingStart is { } first)
            kernels.AveragedSgd(values, gradients, _averages.Pointer + start, length, constants, (float)(1.0 / Math.Max(1, Steps - first - 1)));
        else
            kernels.Sgd(values, gradients, null, length, constants, 0, false);
    }
}
