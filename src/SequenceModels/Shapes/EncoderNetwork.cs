using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Training;

namespace SequenceModels.Shapes;

/// <summary>One-to-one, many-to-one, many-to-many of equal length: input, layers with or without time, pooling where one step is wanted, head.</summary>
internal sealed unsafe class EncoderNetwork : TaskNetwork
{
    private readonly SequenceInput _input;
    private readonly DenseStack? _dense;
    private readonly RecurrentStack? _stack;
    private readonly Pooling? _pooling;
    private readonly AttentionPooling? _attention;
    private SequenceShape _shape = new(1, 1);

    public EncoderNetwork(SequenceTask task, ParameterSet parameters, TaskWeights weights, ComputeContext context, TrainingObjective objective)
        : base(task, weights, context, objective)
    {
        var architecture = task.Architecture;
        _input = new SequenceInput(parameters, "", task.Input, context);
        _dense = task.Shape == TaskShape.OneToOne ? new DenseStack(architecture, weights.Dense, context) : null;
        _stack = weights.Encoder is { } stack ? new RecurrentStack(stack, context) : null;
        if (weights.Attention is { } attention)
            _attention = new AttentionPooling(attention, context);
        else if (task.Shape == TaskShape.ManyToOne)
            _pooling = new Pooling(context, architecture.Pooling ?? PoolingKind.Mean, _stack!.OutputSize, architecture.Bidirectional ? 2 : 1);
    }

    private protected override int OutputSize => _dense?.OutputSize ?? _pooling?.OutputSize ?? _stack!.OutputSize;

    /// <summary>The scores of a batch's inputs (<see cref="TaskHead.Interpret"/>): a row for each, or for each step [T,B].</summary>
    public float* Scores(SequenceBatches batch)
    {
        Context.Workspace.Reset();
        float* read = Forward(batch, default, training: false);
        return Head.Scores(read, Pools ? _shape.Batch : _shape.Rows);
    }

    private bool Pools => _pooling is not null || _attention is not null;

    private protected override float* Forward(SequenceBatches batch, CounterRandom random, bool training)
    {
        _shape = batch.InputShape;
        float* vectors = _input.Forward(_shape, batch.Input);
        if (_dense is not null)
            return _dense.Forward(vectors, _shape.Rows, random, training);
        float* outputs = _stack!.Forward(_shape, LayerInput.FromValues(vectors), null, null, random, training);
        return _attention is not null ? _attention.Forward(_shape, outputs) : _pooling is not null ? _pooling.Forward(_shape, outputs, training) : outputs;
    }

    private protected override void Backward(float* gradient)
    {
        float* inputGradient = _input.AllocateGradient();
        if (_dense is not null)
        {
            _dense.Backward(gradient, inputGradient);
        }
        else
        {
            float* outputGradient = Pools ? Context.Workspace.Allocate((long)_shape.Rows * _stack!.OutputSize) : gradient;
            _attention?.Backward(gradient, outputGradient);
            _pooling?.Backward(gradient, outputGradient);
            _stack!.Backward(outputGradient, inputGradient);
        }

        _input.Backward(inputGradient);
    }
}
