using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Optimizers;

/// <summary>Stochastic gradient descent as in PyTorch (no dampening). Holds one value a parameter if it has momentum, otherwise none.</summary>
internal sealed unsafe class Sgd : Optimizer
{
    private readonly NativeBuffer? _directions;

    public Sgd(ParameterSet parameters, OptimizerSettings settings)
        : base(parameters, settings) => _directions = settings.Momentum > 0 ? Remember("momentum_buffer") : null;

    protected override void Update(KernelSet kernels, long start, long length, double learningRate, in UpdateConstants constants) => kernels.Sgd(
        Parameters.Values.Pointer + start, Parameters.Gradients.Pointer + start, _directions is null ? null : _directions.Pointer + start, length,
        constants, (float)Settings.Momentum, Settings.Nesterov);
}
