using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Tensors;
using SequenceModels.Training;

namespace SequenceModels.Shapes;

/// <summary>One-to-many and many-to-many of different lengths: states from a vector or an encoder, then layers that read what stands before each step of the target, and a head.</summary>
internal sealed unsafe class DecoderNetwork : TaskNetwork
{
    private readonly IStateSource _source;
    private readonly SequenceInput _input;
    private readonly RecurrentStack _stack;
    private readonly int _states;
    private int _batch;

    public DecoderNetwork(SequenceTask task, ParameterSet parameters, TaskWeights weights, ComputeContext context, TrainingObjective objective)
        : base(task, weights, context, objective)
    {
        _source = task.Shape == TaskShape.OneToMany ? new BridgeStates(task, parameters, weights, context) : new EncoderStates(task, parameters, weights, context);
        _input = new SequenceInput(parameters, TaskWeights.DecoderPrefix, task.Output, context);
        _stack = new RecurrentStack(weights.Decoder!, context);
        _states = task.Architecture.Layers * task.Architecture.HiddenSize;
    }

    private protected override int OutputSize => _stack.OutputSize;

    /// <summary>Fills in the states that each row of a batch begins with.</summary>
    /// <param name="batch">The inputs.</param>
    /// <param name="hidden">[L,B,H] receives h.</param>
    /// <param name="cell">[L,B,H] receives c.</param>
    public void Begin(SequenceBatches batch, float* hidden, float* cell)
    {
        Context.Workspace.Reset();
        _source.Forward(batch, hidden, cell, default, training: false);
    }

    /// <summary>One step further.</summary>
    /// <param name="shape">One step of B rows.</param>
    /// <param name="read">[1,B] or [1,B,F] what was written last.</param>
    /// <param name="hidden">[L,B,H] h, overwritten with the next.</param>
    /// <param name="cell">[L,B,H] likewise c.</param>
    /// <returns>[B,outputs] the scores, in the workspace.</returns>
    public float* Next(SequenceShape shape, StepBlock read, float* hidden, float* cell)
    {
        Context.Workspace.Reset();
        float* outputs = _stack.Forward(shape, LayerInput.FromValues(_input.Forward(shape, read)), hidden, cell, default, training: false);
        return Head.Scores(outputs, shape.Rows);
    }

    private protected override float* Forward(SequenceBatches batch, CounterRandom random, bool training)
    {
        _batch = batch.InputShape.Batch;
        long states = (long)_states * _batch;
        float* hidden = Context.Workspace.Allocate(states), cell = Context.Workspace.Allocate(states);
        _source.Forward(batch, hidden, cell, random, training);
        float* read = _input.Forward(batch.TargetShape, batch.Read);
        return _stack.Forward(batch.TargetShape, LayerInput.FromValues(read), hidden, cell, random with { Tensor = MaskKeys.Decoder }, training);
    }

    private protected override void Backward(float* gradient)
    {
        long states = (long)_states * _batch;
        float* hiddenGradient = Context.Workspace.AllocateZeroed(states), cellGradient = Context.Workspace.AllocateZeroed(states), inputGradient = _input.AllocateGradient();
        _stack.Backward(gradient, inputGradient, hiddenGradient, cellGradient);
        _input.Backward(inputGradient);
        _source.Backward(hiddenGradient, cellGradient);
    }
}
