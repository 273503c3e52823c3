using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Optimizers;

/// <summary>Adagrad as in PyTorch (sums start at 0, no decay of the rate). Holds one value a parameter.</summary>
internal sealed unsafe class Adagrad : Optimizer
{
    private readonly NativeBuffer _squares;

    public Adagrad(ParameterSet parameters, OptimizerSettings settings)
        : base(parameters, settings) => _squares = Remember("sum");

    protected override void Update(KernelSet kernels, long start, long length, double learningRate, in UpdateConstants constants) =>
        kernels.Adagrad(Parameters.Values.Pointer + start, Parameters.Gradients.Pointer + start, _squares.Pointer + start, length, constants, (float)Settings.EpsilonOrDefault);
}
