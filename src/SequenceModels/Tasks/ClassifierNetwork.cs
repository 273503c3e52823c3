using SequenceModels.Evaluation;
using SequenceModels.Layers;
using SequenceModels.Losses;
using SequenceModels.Randomness;
using SequenceModels.Tensors;
using SequenceModels.Training;

namespace SequenceModels.Tasks;

/// <summary>A classifier's forward and backward pass over a batch: encoder, pooling over time, dropout, output layer with softmax cross-entropy.</summary>
internal sealed unsafe class ClassifierNetwork
{
    private readonly LinearWeights _output;
    private readonly ComputeContext _context;
    private readonly TokenEncoder _encoder;
    private readonly SoftmaxCrossEntropy _loss;
    private readonly SoftmaxCrossEntropy _trainingLoss;
    private readonly TrainingObjective _objective;
    private readonly DropoutSite _dropout;
    private readonly double _dropoutRate;
    private readonly Pooling _pooling;
    private readonly AttentionPooling? _attention;

    public ClassifierNetwork(ArchitectureSettings architecture, TokenEncoderWeights encoder, LinearWeights output, ComputeContext context, TrainingObjective objective = default)
    {
        _output = output;
        _context = context;
        _encoder = new TokenEncoder(encoder, context);
        _objective = objective;
        _loss = new SoftmaxCrossEntropy(output, context);
        _trainingLoss = new SoftmaxCrossEntropy(output, context) { LabelSmoothing = (float)objective.LabelSmoothing };
        _dropout = new DropoutSite(context, architecture.DropoutKind);
        _dropoutRate = architecture.OutputDropout ?? architecture.Dropout;
        _pooling = new Pooling(context, architecture.Pooling ?? PoolingKind.Mean, _encoder.OutputSize, architecture.Bidirectional ? 2 : 1);
        _attention = encoder.Attention is { } attention ? new AttentionPooling(attention, context) : null;
    }

    /// <summary>The sum of the losses of a batch in nats; for training also the gradients of their mean, added to the parameters' gradients.</summary>
    /// <param name="batch">Tokens, lengths and labels.</param>
    /// <param name="random">Key of the masks.</param>
    /// <param name="training">Whether gradients are wanted.</param>
    /// <param name="predictions">[B] receives the most probable labels, or <c>null</c>.</param>
    /// <param name="classWeights">[labels] factor of a row's loss by its label, the mean being weighted likewise; <c>null</c>: 1.</param>
    /// <param name="divisor">What the sum is divided by before gradients are taken; <c>null</c>: <see cref="Weight"/>, which makes it the mean.</param>
    public double Run(ClassifierBatches batch, CounterRandom random, bool training, int* predictions, float* classWeights = null, double? divisor = null)
    {
        var workspace = _context.Workspace;
        workspace.Reset();
        var shape = batch.Shape;
        int features = _encoder.OutputSize, length = shape.Batch * _output.Inputs;
        float* values = _encoder.Forward(shape, batch.Tokens, null, null, random, training);
        float* pooled = Pool(shape, values, training);
        float* read = _dropout.Forward(pooled, 1, length, training ? _dropoutRate : 0, random with { Tensor = MaskKeys.Output }, inPlace: _attention is null);
        float* losses = workspace.Allocate(shape.Batch);
        float* gradient = training ? workspace.Allocate(length) : null;
        double weight = Weight(batch, classWeights), whole = divisor ?? weight;
        (training ? _trainingLoss : _loss).Run(read, shape.Batch, batch.Targets, losses, gradient, (float)(1 / whole), classWeights, predictions);
        double sum = 0;
        for (int i = 0; i < shape.Batch; i++)
            sum += losses[i];
        if (!training)
            return sum;
        _dropout.Backward(gradient);
        float* valuesGradient = workspace.Allocate((long)shape.Rows * features);
        if (_attention is null)
            _pooling.Backward(gradient, valuesGradient);
        else
            _attention.Backward(gradient, valuesGradient);
        _objective.AddActivity(shape, values, valuesGradient, features, weight / whole);
        _objective.AddTemporalActivity(shape, values, valuesGradient, features, weight / whole);
        _encoder.Backward(valuesGradient);
        return sum;
    }

    /// <summary>The sum of the weights of a batch's examples.</summary>
    public static double Weight(ClassifierBatches batch, float* classWeights)
    {
        double sum = 0;
        for (int i = 0; i < batch.Shape.Batch; i++)
            sum += classWeights is null ? 1 : classWeights[batch.Targets[i]];
        return sum;
    }

    /// <summary>The logits of every label for each row of a batch, [B, labels padded to 16] in the workspace; behind the labels minus infinity.</summary>
    public float* Logits(ClassifierBatches batch)
    {
        var workspace = _context.Workspace;
        workspace.Reset();
        var shape = batch.Shape;
        int features = _output.Inputs;
        float* values = _encoder.Forward(shape, batch.Tokens, null, null, default, training: false);
        float* pooled = Pool(shape, values, training: false);
        float* logits = workspace.Allocate((long)shape.Batch * _output.Stride);
        _context.Kernels.Product(pooled, features, 1, shape.Batch, features, _output.Forward.Pointer, _output.Outputs, _output.PaddedBias, 0, logits, _output.Stride, true);
        return logits;
    }

    /// <summary>Reads all examples.</summary>
    /// <param name="batches">The examples.</param>
    /// <param name="reader">Receives each, in the order of the batches.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>Mean loss, nats, the same bits as <see cref="Evaluate"/> gives.</returns>
    public double Read(ClassifierBatches batches, LogitsReader reader, CancellationToken cancellationToken)
    {
        double sum = 0;
        long examples = 0;
        batches.BeginEpoch(0);
        while (batches.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            float* logits = Logits(batches), probabilities = _context.Workspace.Allocate(_output.Stride);
            double sumOfBatch = 0;
            for (int b = 0; b < batches.Shape.Batch; b++)
            {
                float* z = logits + (long)b * _output.Stride;
                int label = batches.Targets[b];
                float loss = _context.Kernels.SoftmaxForward(z, probabilities, _output.Stride) - z[label];
                sumOfBatch += loss;
                reader(batches.Members[b], label, new ReadOnlySpan<float>(z, _output.Outputs), loss);
            }

            sum += sumOfBatch;
            examples += batches.Shape.Batch;
        }

        return sum / examples;
    }

    /// <summary>Loss, accuracy and macro-averaged F1 over all batches.</summary>
    public IReadOnlyDictionary<string, double> Evaluate(ClassifierBatches batches, CancellationToken cancellationToken)
    {
        var confusion = new ConfusionMatrix(_output.Outputs);
        using var predictions = new NativeBuffer(batches.BatchSize);
        double sum = 0;
        batches.BeginEpoch(0);
        while (batches.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            sum += Run(batches, default, training: false, (int*)predictions.Pointer);
            for (int b = 0; b < batches.Shape.Batch; b++)
                confusion.Add(batches.Targets[b], ((int*)predictions.Pointer)[b]);
        }

        return new Dictionary<string, double>
        {
            ["validationLoss"] = sum / confusion.Examples,
            ["accuracy"] = confusion.Accuracy,
            ["macroF1"] = confusion.MacroF1,
            ["examples"] = confusion.Examples,
        };
    }

    private float* Pool(SequenceShape shape, float* values, bool training) =>
        _attention is null ? _pooling.Forward(shape, values, training) : _attention.Forward(shape, values);
}

/// <summary>Receives one example.</summary>
/// <param name="member">Which.</param>
/// <param name="label">Its label.</param>
/// <param name="logits">[labels] its logits.</param>
/// <param name="loss">Its loss, nats.</param>
internal delegate void LogitsReader(int member, int label, ReadOnlySpan<float> logits, float loss);
