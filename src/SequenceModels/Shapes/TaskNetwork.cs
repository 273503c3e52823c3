using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Tensors;
using SequenceModels.Training;

namespace SequenceModels.Shapes;

/// <summary>A network put together from parts: an input, a body, a head. For one caller at a time.</summary>
internal abstract unsafe class TaskNetwork
{
    private readonly DropoutSite _dropout;
    private readonly double _dropoutRate;

    private protected TaskNetwork(SequenceTask task, TaskWeights weights, ComputeContext context, TrainingObjective objective)
    {
        (Context, Objective) = (context, objective);
        Head = new TaskHead(task, weights.Head, context, objective.LabelSmoothing);
        _dropout = new DropoutSite(context, task.Architecture.DropoutKind);
        _dropoutRate = task.Architecture.OutputDropout ?? task.Architecture.Dropout;
    }

    /// <summary>Output layer and loss.</summary>
    public TaskHead Head { get; }

    private protected ComputeContext Context { get; }

    private protected TrainingObjective Objective { get; }

    /// <summary>The network of a task.</summary>
    public static TaskNetwork Create(SequenceTask task, ParameterSet parameters, TaskWeights weights, ComputeContext context, TrainingObjective objective = default) =>
        task.Generates ? new DecoderNetwork(task, parameters, weights, context, objective) : new EncoderNetwork(task, parameters, weights, context, objective);

    /// <summary>The sum of the weighted losses of a batch; for training also the gradients of their mean, added to the parameters' gradients.</summary>
    /// <param name="batch">Inputs and targets.</param>
    /// <param name="random">Key of the masks.</param>
    /// <param name="training">Whether gradients are wanted.</param>
    /// <param name="divisor">What the sum is divided by before gradients are taken; <c>null</c>: <see cref="TaskHead.Weight"/>, which makes it the mean.</param>
    /// <param name="classWeights">[outputs] factors of the losses by target, or <c>null</c>.</param>
    /// <param name="metrics">Receives what came out, or <c>null</c>.</param>
    public double Run(SequenceBatches batch, CounterRandom random, bool training, double? divisor = null, float* classWeights = null, TaskMetrics? metrics = null)
    {
        Context.Workspace.Reset();
        float* outputs = Forward(batch, random, training);
        int time = batch.TargetShape.Time, length = batch.TargetShape.Batch * OutputSize;
        float* read = _dropout.Forward(outputs, time, length, training ? _dropoutRate : 0, random with { Tensor = MaskKeys.Output });
        if (!training)
            return Head.Run(read, batch, null, 1, classWeights, metrics);
        double weight = Head.Weight(batch, classWeights), whole = divisor ?? weight;
        float* gradient = Context.Workspace.Allocate((long)time * length);
        double sum = Head.Run(read, batch, gradient, whole, classWeights, metrics);
        Objective.AddActivity(batch.TargetShape, read, gradient, OutputSize, weight / whole);
        _dropout.Backward(gradient);
        Objective.AddTemporalActivity(batch.TargetShape, outputs, gradient, OutputSize, weight / whole);
        Backward(gradient);
        return sum;
    }

    /// <summary>The measures of the task over all batches.</summary>
    public IReadOnlyDictionary<string, double> Evaluate(SequenceBatches batches, TaskMetrics metrics, CancellationToken cancellationToken)
    {
        double sum = 0;
        batches.BeginEpoch(0);
        while (batches.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            sum += Run(batches, default, training: false, metrics: metrics);
        }

        return metrics.Result(sum);
    }

    /// <summary>Components of what the head reads.</summary>
    private protected abstract int OutputSize { get; }

    /// <summary>[T,B,OutputSize] what the head reads, for each step of the targets.</summary>
    private protected abstract float* Forward(SequenceBatches batch, CounterRandom random, bool training);

    /// <summary>Back-propagates the gradient of the last <see cref="Forward"/>, overwritten, to all parameters.</summary>
    private protected abstract void Backward(float* gradient);
}
