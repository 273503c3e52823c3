using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Tensors;

namespace SequenceModels.Shapes;

/// <summary>States made of a class or a vector v: h_0 = tanh(W_h v + b_h), and c_0 likewise by weights of its own (docs/equations.md, 18.5; after Xu et al. 2015).</summary>
internal sealed unsafe class BridgeStates : IStateSource
{
    private readonly SequenceInput _input;
    private readonly Linear[] _bridges;
    private readonly nint[] _values; // [B,L x H] of each bridge
    private readonly ComputeContext _context;
    private readonly int _layers;
    private readonly int _hidden;
    private readonly int _inputSize;
    private int _batch;

    public BridgeStates(SequenceTask task, ParameterSet parameters, TaskWeights weights, ComputeContext context)
    {
        _input = new SequenceInput(parameters, TaskWeights.EncoderPrefix, task.Input, context);
        _bridges = [.. weights.Bridges.Select(bridge => new Linear(bridge, context))];
        _values = new nint[_bridges.Length];
        _context = context;
        (_layers, _hidden, _inputSize) = (task.Architecture.Layers, task.Architecture.HiddenSize, weights.Bridges[0].Inputs);
    }

    public void Forward(SequenceBatches batch, float* hidden, float* cell, CounterRandom random, bool training)
    {
        _batch = batch.InputShape.Batch;
        float* vectors = _input.Forward(batch.InputShape, batch.Input);
        for (int i = 0; i < _bridges.Length; i++)
        {
            float* values = _bridges[i].Forward(vectors, _batch);
            _context.Kernels.Map(ElementwiseFunction.Tanh, values, values, (long)_batch * _layers * _hidden);
            _values[i] = (nint)values;
            Exchange(values, i == 0 ? hidden : cell, toStates: true);
        }
    }

    public void Backward(float* hiddenGradient, float* cellGradient)
    {
        int length = _batch * _layers * _hidden;
        float* gradient = _context.Workspace.Allocate(length), inputGradient = _context.Workspace.Allocate((long)_batch * _inputSize);
        for (int i = 0; i < _bridges.Length; i++)
        {
            Exchange(gradient, i == 0 ? hiddenGradient : cellGradient, toStates: false);
            _context.Kernels.TanhBackward((float*)_values[i], gradient, length);
            _bridges[i].Backward(gradient, inputGradient, add: i > 0);
        }

        _input.Backward(inputGradient);
    }

    /// <summary>Between [B,L x H] and [L,B,H].</summary>
    private void Exchange(float* values, float* states, bool toStates)
    {
        for (int layer = 0; layer < _layers; layer++)
        {
            for (int row = 0; row < _batch; row++)
            {
                float* value = values + ((long)row * _layers + layer) * _hidden, state = states + ((long)layer * _batch + row) * _hidden;
                Memory.Copy(toStates ? value : state, toStates ? state : value, _hidden);
            }
        }
    }
}
