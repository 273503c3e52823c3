using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Losses;

namespace SequenceModels.Shapes;

/// <summary>The last part of a network: output layer and loss, at one step a sequence or at every step.</summary>
internal sealed unsafe class TaskHead
{
    private readonly SequenceTask _task;
    private readonly ComputeContext _context;
    private readonly Linear _output;
    private readonly LinearWeights _weights;
    private readonly SoftmaxCrossEntropy? _loss;
    private readonly SoftmaxCrossEntropy? _trainingLoss;

    /// <param name="task">What is written, and the loss.</param>
    /// <param name="weights">The output layer.</param>
    /// <param name="context">Kernels, team and workspace.</param>
    /// <param name="labelSmoothing">Part of a target that is spread over all tokens while training.</param>
    public TaskHead(SequenceTask task, LinearWeights weights, ComputeContext context, double labelSmoothing)
    {
        (_task, _weights, _context) = (task, weights, context);
        _output = new Linear(weights, context);
        if (task.ChosenLoss != TaskLoss.CrossEntropy)
            return;
        _loss = new SoftmaxCrossEntropy(weights, context);
        _trainingLoss = new SoftmaxCrossEntropy(weights, context) { LabelSmoothing = (float)labelSmoothing };
    }

    /// <summary>The sum of the weights of what is known of a batch's targets: of tokens, or of single numbers.</summary>
    public double Weight(SequenceBatches batch, float* classWeights)
    {
        double sum = 0;
        int count = batch.TargetShape.Rows * (_loss is null ? _task.Output.Size : 1);
        for (int i = 0; i < count; i++)
        {
            if (_loss is null)
                sum += float.IsNaN(batch.Target.Frames[i]) ? 0 : 1;
            else if (batch.Target.Tokens[i] >= 0)
                sum += classWeights is null ? 1 : classWeights[batch.Target.Tokens[i]];
        }

        return sum;
    }

    /// <summary>The sum of the weighted losses and, while training, the gradients of that sum divided by <paramref name="divisor"/>.</summary>
    /// <param name="read">[rows,K] what the layer reads, a row for each of the target's.</param>
    /// <param name="batch">The targets.</param>
    /// <param name="gradient">[rows,K] receives the gradient of what is read; <c>null</c>: no gradients at all.</param>
    /// <param name="divisor">What the sum is divided by before gradients are taken.</param>
    /// <param name="classWeights">[outputs] factors of the losses by target, or <c>null</c>.</param>
    /// <param name="metrics">Receives what came out, or <c>null</c>.</param>
    public double Run(float* read, SequenceBatches batch, float* gradient, double divisor, float* classWeights, TaskMetrics? metrics)
    {
        int rows = batch.TargetShape.Rows;
        float* losses = _context.Workspace.Allocate(rows);
        double scale = gradient is null ? 1 : 1 / divisor, sum = 0;
        if (_loss is null)
        {
            float* predictions = RunNumbers(read, batch, losses, gradient, (float)scale);
            metrics?.AddNumbers(new(batch.Target.Frames, rows * _task.Output.Size), new(predictions, rows * _task.Output.Size));
        }
        else
        {
            int* best = metrics is null ? null : (int*)_context.Workspace.Allocate(rows);
            (gradient is null ? _loss : _trainingLoss!).Run(read, rows, batch.Target.Tokens, losses, gradient, (float)scale, classWeights, best);
            metrics?.AddTokens(new(batch.Target.Tokens, rows), new(best, rows));
            scale = 1; // its losses are not scaled
        }

        for (int row = 0; row < rows; row++)
            sum += losses[row];
        return sum / scale;
    }

    /// <summary>[rows,outputs] the scores as they are: logits, or standardised numbers.</summary>
    public float* Scores(float* read, int rows) => _output.Forward(read, rows);

    /// <summary>What scores mean, in place: probabilities of tokens or of yes; numbers stay.</summary>
    public void Interpret(float* scores, int rows)
    {
        int outputs = _weights.Outputs;
        if (_task.ChosenLoss == TaskLoss.BinaryCrossEntropy)
            _context.Kernels.Map(ElementwiseFunction.Sigmoid, scores, scores, (long)rows * outputs);
        if (_loss is null)
            return;
        float* padded = _context.Workspace.Allocate(_weights.Stride);
        for (int row = 0; row < rows; row++)
        {
            var logits = new Span<float>(scores + (long)row * outputs, outputs);
            new Span<float>(padded, _weights.Stride).Fill(float.NegativeInfinity);
            logits.CopyTo(new Span<float>(padded, outputs));
            _context.Kernels.SoftmaxForward(padded, padded, _weights.Stride);
            new Span<float>(padded, outputs).CopyTo(logits);
        }
    }

    private float* RunNumbers(float* read, SequenceBatches batch, float* losses, float* gradient, float scale)
    {
        var shape = batch.TargetShape;
        int rows = shape.Rows, length = rows * _task.Output.Size;
        float* predictions = _output.Forward(read, rows), scales = _context.Workspace.Allocate(rows);
        float* slopes = gradient is null ? null : _context.Workspace.Allocate(length);
        for (int row = 0; row < rows; row++)
            scales[row] = shape.Has(row / shape.Batch, row % shape.Batch) ? scale : 0;
        Span<float> predicted = new(predictions, length), wanted = new(batch.Target.Frames, length), lossesOfRows = new(losses, rows), slopesOfAll = new(slopes, gradient is null ? 0 : length);
        var scalesOfRows = new Span<float>(scales, rows);
        switch (_task.ChosenLoss)
        {
            case TaskLoss.BinaryCrossEntropy:
                BinaryCrossEntropy.Run(_context.Kernels, predicted, wanted, scalesOfRows, lossesOfRows, slopesOfAll);
                break;
            case TaskLoss.SmoothL1:
                ElementLosses.SmoothL1(predicted, wanted, scalesOfRows, lossesOfRows, slopesOfAll);
                break;
            default:
                ElementLosses.SquaredError(predicted, wanted, scalesOfRows, lossesOfRows, slopesOfAll);
                break;
        }

        if (gradient is not null)
            _output.Backward(slopes, gradient);
        return predictions;
    }
}
