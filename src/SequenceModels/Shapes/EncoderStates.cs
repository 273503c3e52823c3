using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Tensors;

namespace SequenceModels.Shapes;

/// <summary>The states after the last step of an encoder, each layer's for the decoder's layer (docs/equations.md, 18.6).</summary>
internal sealed unsafe class EncoderStates : IStateSource
{
    private readonly SequenceInput _input;
    private readonly RecurrentStack _stack;
    private readonly ComputeContext _context;
    private readonly int _states;
    private SequenceShape _shape = new(1, 1);

    public EncoderStates(SequenceTask task, ParameterSet parameters, TaskWeights weights, ComputeContext context)
    {
        _input = new SequenceInput(parameters, TaskWeights.EncoderPrefix, task.Input, context);
        _stack = new RecurrentStack(weights.Encoder!, context);
        _context = context;
        _states = task.Architecture.Layers * task.Architecture.HiddenSize;
    }

    public void Forward(SequenceBatches batch, float* hidden, float* cell, CounterRandom random, bool training)
    {
        _shape = batch.InputShape;
        Memory.Clear(hidden, (long)_states * _shape.Batch);
        Memory.Clear(cell, (long)_states * _shape.Batch);
        _stack.Forward(_shape, LayerInput.FromValues(_input.Forward(_shape, batch.Input)), hidden, cell, random, training, begins: true);
    }

    public void Backward(float* hiddenGradient, float* cellGradient)
    {
        float* outputGradient = _context.Workspace.AllocateZeroed((long)_shape.Rows * _stack.OutputSize), inputGradient = _input.AllocateGradient();
        _stack.Backward(outputGradient, inputGradient, hiddenGradient, cellGradient);
        _input.Backward(inputGradient);
    }
}
