using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Losses;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Training;

namespace SequenceModels.Shapes;

/// <summary>The memory of training and of a model of one of the five shapes, added up from what the parts allocate. All sizes are in floats unless they say bytes.</summary>
internal sealed class SequenceTaskMemory
{
    private const int EvaluationBatch = 64;
    private readonly SequenceTask _task;
    private readonly ArchitectureSettings _architecture;
    private readonly TrainingMemory _encoder;
    private readonly TrainingMemory _decoder;
    private readonly int _inputSize;
    private readonly int _readSize;
    private readonly int _features;
    private readonly int _headSize;

    public SequenceTaskMemory(SequenceTask task)
    {
        (_task, _architecture) = (task, task.Architecture);
        _inputSize = SequenceInput.SizeOf(task.Input, _architecture.EmbeddingSize);
        _readSize = SequenceInput.SizeOf(task.Output, _architecture.EmbeddingSize);
        _features = _architecture.HiddenSize * (_architecture.Bidirectional ? 2 : 1);
        _headSize = Pooling.PooledSize(_architecture.Pooling, _features);
        _encoder = new TrainingMemory(TaskKind.Classification, _architecture with { EmbeddingSize = _inputSize }, 0, 0, continuous: false);
        _decoder = new TrainingMemory(TaskKind.Classification, _architecture with { EmbeddingSize = _readSize, LearnedInitialState = false }, 0, 0, continuous: false);
    }

    private long Parameters =>
        TaskWeights.Shapes(_task).Sum(entry => (entry.Shape.Aggregate(1L, (product, dimension) => product * dimension) + ParameterSet.Padding - 1) / ParameterSet.Padding * ParameterSet.Padding);

    private int Bridges => RecurrentCell.Of(_architecture.Cell).HasCellState ? 2 : 1;

    private int States => _architecture.Layers * _architecture.HiddenSize;

    /// <summary>Bytes at the peak, examples left out.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="input">Steps of the longest input.</param>
    /// <param name="target">Steps of the longest target, without its end.</param>
    /// <param name="threads">Threads to train with.</param>
    public long OfRun(TrainingSettings settings, int input, int target, int threads)
    {
        int written = target + (_task.Ends ? 1 : 0);
        long step = Math.Max(Step(settings.BatchSize, input, written, true, threads), Step(EvaluationBatch, input, written, false, threads));
        long batches = Batch(settings.BatchSize, input, written) + Batch(EvaluationBatch, input, written);
        long dropped = _architecture.WeightDropout > 0 ? (_task.ReadsOne ? 0 : _encoder.Dropped(false)) + (_task.Generates ? _decoder.Dropped(false) : 0) : 0;
        return sizeof(float) * (2 * Parameters + Packed(true) + dropped + batches + step + Math.Max((1 + Optimizer.BufferCount(settings.Optimizer)) * Parameters, Packed(false)));
    }

    /// <summary>Bytes of a finished model: its parameters, and their packed forms.</summary>
    public long OfModel() => sizeof(float) * (Parameters + Packed(false));

    private long Packed(bool backward)
    {
        long length = TrainingMemory.Linear(_headSize, _task.Outputs, backward);
        if (_task.Shape == TaskShape.OneToOne)
            length += TrainingMemory.Linear(_inputSize, _features, backward) + (_architecture.Layers - 1) * TrainingMemory.Linear(_features, _features, backward);
        if (_task.Shape == TaskShape.OneToMany)
            length += Bridges * TrainingMemory.Linear(_inputSize, States, backward);
        if (!_task.ReadsOne)
            length += _encoder.PackedLayers(backward);
        if (_task.Generates)
            length += _decoder.PackedLayers(backward);
        return length + (_architecture.Pooling == PoolingKind.Attention ? TrainingMemory.Linear(_features, _features, backward) : 0);
    }

    /// <summary>A batch's inputs, targets, and what a decoder reads.</summary>
    private long Batch(int batch, int input, int written)
    {
        long target = (long)batch * written * (_task.Output.Kind == StepKind.Tokens ? 1 : _task.Output.Size);
        return (long)batch * input * (_task.Input.Kind == StepKind.Tokens ? 1 : _task.Input.Size) + (_task.Generates ? 2 : 1) * target;
    }

    private long Step(int batch, int input, int written, bool training, int threads)
    {
        long read = (long)batch * input, rows = (long)batch * written;
        long length = Embedded(_task.Input, read, _inputSize);
        if (_task.Shape == TaskShape.OneToOne)
            length += Dense(batch, training, threads);
        if (_task.Shape == TaskShape.OneToMany)
            length += Bridges * TrainingMemory.Hidden(batch, States) + (training ? (long)batch * (States + _inputSize) + Bridges * threads * TransposedProduct.PackingLength(_inputSize) : 0);
        if (!_task.ReadsOne)
            length += _encoder.Layers(batch, input, false, training, threads) - (training && _task.Input.Kind == StepKind.Frames ? read * _inputSize : 0);
        if (_task.Shape == TaskShape.ManyToOne)
            length += _encoder.Pooled(batch, input, training, threads);
        if (_task.Generates)
        {
            length += (training ? 4L : 2L) * batch * States + (_task.Shape == TaskShape.ManyToMany && training ? read * _features : 0);
            length += Embedded(_task.Output, rows, _readSize) + _decoder.Layers(batch, written, false, training, threads) - (training && _task.Output.Kind == StepKind.Frames ? rows * _readSize : 0);
        }

        return length + Head(batch, written, training, threads);
    }

    /// <summary>Vectors of tokens; their gradients are counted with the layers that give them.</summary>
    private static long Embedded(SequenceFormat format, long rows, int size) => format.Kind == StepKind.Tokens ? rows * size : 0;

    private long Dense(int batch, bool training, int threads)
    {
        long length = 0;
        for (int layer = 0; layer < _architecture.Layers; layer++)
        {
            int inputs = layer == 0 ? _inputSize : _features;
            length += TrainingMemory.Hidden(batch, _features);
            if (training)
                length += (long)batch * inputs + threads * TransposedProduct.PackingLength(inputs) + _encoder.DroppedValues(layer == 0 ? _architecture.InputDropout ?? _architecture.Dropout : _architecture.Dropout, batch, 1, inputs);
        }

        return length;
    }

    private long Head(int batch, int written, bool training, int threads)
    {
        long rows = (long)batch * written, length = 2 * rows + (training ? rows * _headSize + threads * TransposedProduct.PackingLength(_headSize) : 0);
        if (training)
            length += _encoder.DroppedValues(_architecture.OutputDropout ?? _architecture.Dropout, batch, written, _headSize);
        if (_task.Output.Kind == StepKind.Frames)
            return length + TrainingMemory.Hidden(rows, _task.Outputs) + (training ? rows * _task.Outputs : 0);
        int stride = PackedMatrix.PaddedColumns(_task.Outputs);
        return length + Math.Min(rows, SoftmaxCrossEntropy.RowsHeld(stride)) * stride;
    }
}
