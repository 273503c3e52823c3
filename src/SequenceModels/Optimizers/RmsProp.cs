using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Optimizers;

/// <summary>RMSprop as in PyTorch. Holds one value a parameter, one more if centred, one more with momentum.</summary>
internal sealed unsafe class RmsProp : Optimizer
{
    private readonly NativeBuffer _squares;
    private readonly NativeBuffer? _means;
    private readonly NativeBuffer? _directions;

    public RmsProp(ParameterSet parameters, OptimizerSettings settings)
        : base(parameters, settings)
    {
        _squares = Remember("square_avg");
        _means = settings.Centered ? Remember("grad_avg") : null;
        _directions = settings.Momentum > 0 ? Remember("momentum_buffer") : null;
    }

    protected override void Update(KernelSet kernels, long start, long length, double learningRate, in UpdateConstants constants) => kernels.RmsProp(
        Parameters.Values.Pointer + start, Parameters.Gradients.Pointer + start, _squares.Pointer + start,
        _means is null ? null : _means.Pointer + start, _directions is null ? null : _directions.Pointer + start,
        length, constants, new RmsPropUpdate.Constants((float)Settings.SquareDecay, (float)Settings.Momentum, (float)Settings.EpsilonOrDefault));
}
