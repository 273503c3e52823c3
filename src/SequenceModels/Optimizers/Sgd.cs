using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Optimizers;

/// <summary>Stochastic gradient descent as in PyTorch (no dampening). Holds one value a parameter if it has momentum, otherwise none.</summary>
internal sealed unsafe class Sgd : Optimizer
{
    private readonly NativeBuffer? _directions;

    public Sgd(ParameterSet parameters, OptimizerSettings settings)
        : base(parameters, settings) => _directions = settings.Momentum > 0 ? Remember("momentum_buffer") : null;

    protected override void Update(KernelSet kernels, double learningRate, in UpdateConstants constants) => kernels.Sgd(
        Parameters.Values.Pointer, Parameters.Gradients.Pointer, _directions is null ? null : _directions.Pointer, Parameters.Values.Length,
        constants, (float)Settings.Momentum, Settings.Nesterov);
}
