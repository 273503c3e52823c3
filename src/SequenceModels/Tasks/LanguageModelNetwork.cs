using SequenceModels.Layers;
using SequenceModels.Losses;
using SequenceModels.Randomness;
using SequenceModels.Training;

namespace SequenceModels.Tasks;

/// <summary>A language model's forward and backward pass over a batch: encoder, dropout, projection (tied embeddings of another size), output layer with softmax cross-entropy.</summary>
internal sealed unsafe class LanguageModelNetwork
{
    private readonly ComputeContext _context;
    private readonly TokenEncoder _encoder;
    private readonly SoftmaxCrossEntropy _loss;
    private readonly SoftmaxCrossEntropy _trainingLoss;
    private readonly TrainingObjective _objective;
    private readonly DropoutSite _dropout;
    private readonly double _dropoutRate;
    private readonly Linear? _projection;

    public LanguageModelNetwork(TokenEncoderWeights encoder, LinearWeights output, ComputeContext context, TrainingObjective objective = default)
    {
        _context = context;
        _encoder = new TokenEncoder(encoder, context);
        _objective = objective;
        _loss = new SoftmaxCrossEntropy(output, context);
        _trainingLoss = new SoftmaxCrossEntropy(output, context) { LabelSmoothing = (float)objective.LabelSmoothing };
        _dropout = new DropoutSite(context, encoder.Architecture.DropoutKind);
        _dropoutRate = encoder.Architecture.OutputDropout ?? encoder.Architecture.Dropout;
        _projection = output.Projection is { } projection ? new Linear(projection, context) : null;
    }

    /// <summary>The sum of the losses of a batch in nats; for training also the gradients of their mean, added to the parameters' gradients.</summary>
    /// <param name="batch">Tokens, targets and the state that they go on from; the state is moved on.</param>
    /// <param name="random">Key of the masks.</param>
    /// <param name="training">Whether gradients are wanted.</param>
    /// <param name="divisor">What the sum is divided by before gradients are taken; <c>null</c>: the number of targets, which makes it the mean.</param>
    /// <param name="each">Receives the losses of all rows, [T,B], and the ranks of their targets; <c>null</c>: nobody asks.</param>
    public double Run(LanguageModelBatches batch, CounterRandom random, bool training, double? divisor = null, TokenLossReader? each = null)
    {
        var workspace = _context.Workspace;
        workspace.Reset();
        var shape = batch.Shape;
        int rows = shape.Rows, features = _encoder.OutputSize;
        float* output = _encoder.Forward(shape, batch.Tokens, batch.Hidden, batch.Cell, random, training, batch.Begins, batch.Labels);
        float* hidden = _dropout.Forward(output, shape.Time, shape.Batch * features, training ? _dropoutRate : 0, random with { Tensor = MaskKeys.Output });
        float* read = _projection is null ? hidden : _projection.Forward(hidden, rows);
        float* losses = workspace.Allocate(rows);
        float* gradient = training ? workspace.Allocate((long)rows * features) : null;
        float* readGradient = training && _projection is not null ? workspace.Allocate((long)rows * _projection.OutputSize) : gradient;
        int* ranks = each is null ? null : (int*)workspace.Allocate(rows);
        double whole = divisor ?? batch.TargetCount;
        (training ? _trainingLoss : _loss).Run(read, rows, batch.Targets, losses, readGradient, 1f / (float)whole, ranks: ranks);
        each?.Invoke(new ReadOnlySpan<float>(losses, rows), new ReadOnlySpan<int>(ranks, rows));
        double sum = 0;
        for (int i = 0; i < rows; i++)
            sum += losses[i];
        if (!training)
            return sum;
        _projection?.Backward(readGradient, gradient);
        _objective.AddActivity(shape, hidden, gradient, features, batch.TargetCount / whole);
        _dropout.Backward(gradient);
        _objective.AddTemporalActivity(shape, output, gradient, features, batch.TargetCount / whole);
        _encoder.Backward(gradient);
        return sum;
    }

    /// <summary>Reads all batches.</summary>
    /// <param name="batches">The batches.</param>
    /// <param name="reader">Receives the losses of each; the batch is then the current one.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>Mean loss a token, nats, the same bits as <see cref="Evaluate"/> gives.</returns>
    public double Read(LanguageModelBatches batches, TokenLossReader reader, CancellationToken cancellationToken)
    {
        double sum = 0;
        long tokens = 0;
        batches.BeginEpoch(0);
        while (batches.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            sum += Run(batches, default, training: false, each: reader);
            tokens += batches.TargetCount;
        }

        return sum / tokens;
    }

    /// <summary>Loss and what follows from it, over all batches.</summary>
    public IReadOnlyDictionary<string, double> Evaluate(LanguageModelBatches batches, CancellationToken cancellationToken)
    {
        double sum = 0;
        long tokens = 0;
        batches.BeginEpoch(0);
        while (batches.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            sum += Run(batches, default, training: false);
            tokens += batches.TargetCount;
        }

        double loss = sum / tokens;
        return new Dictionary<string, double>
        {
            ["validationLoss"] = loss,
            ["perplexity"] = Math.Exp(loss),
            ["bitsPerToken"] = loss / Math.Log(2),
            ["tokens"] = tokens,
        };
    }
}

/// <summary>Receives a batch's losses.</summary>
/// <param name="losses">[T,B] negative log-probabilities; 0 where there is no target.</param>
/// <param name="ranks">[T,B] how many tokens were more probable; -1 where there is no target.</param>
internal delegate void TokenLossReader(ReadOnlySpan<float> losses, ReadOnlySpan<int> ranks);
