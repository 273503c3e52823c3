using SequenceModels.Layers;
using SequenceModels.Optimizers;

namespace SequenceModels.Training;

/// <summary>
/// One update of the parameters: the gradients of one or several batches, clipping, the optimiser's step. The gradient is that of the mean loss over the targets of all its batches,
/// so that several small batches are one large one.
/// </summary>
internal sealed class UpdateStep
{
    private readonly ITrainingTask _task;
    private readonly TrainingSettings _settings;
    private readonly ComputeContext _context;
    private readonly GradientNorm _norm;

    /// <param name="task">Whose batches.</param>
    /// <param name="optimizer">The rule, which counts the updates.</param>
    /// <param name="settings">Clipping.</param>
    /// <param name="context">Kernels and team.</param>
    public UpdateStep(ITrainingTask task, Optimizer optimizer, TrainingSettings settings, ComputeContext context)
    {
        (_task, Optimizer, _settings, _context) = (task, optimizer, settings, context);
        _norm = new GradientNorm(task.Parameters, context);
    }

    public Optimizer Optimizer { get; }

    /// <summary>Batches done, the key of dropout.</summary>
    public long Batches { get; set; }

    /// <summary>Performs an update.</summary>
    /// <param name="batches">Batches that make it, 1 or more; the epoch has as many left.</param>
    /// <param name="rate">Step size.</param>
    /// <param name="cancellationToken">Ends it before the next batch.</param>
    public UpdateResult Run(int batches, double rate, CancellationToken cancellationToken)
    {
        double lossSum = 0, weight = 0, divisor = 0;
        long tokens = 0;
        for (int i = 0; i < batches; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = _task.Step(Batches++, i == 0 ? null : divisor);
            if (i == 0)
                divisor = batch.Weight;
            (lossSum, weight, tokens) = (lossSum + batch.LossSum, weight + batch.Weight, tokens + batch.Tokens);
        }

        // The gradients are those of the sum of all losses / the first batch's weight; 1 for a single batch.
        float mean = (float)(divisor / weight), norm = mean * _norm.Compute(), clipped = norm;
        if (_settings.GradientClipValue is { } limit)
        {
            GradientClipping.ByValue(_context.Kernels, _task.Parameters, limit / mean);
            clipped = mean * _norm.Compute();
        }

        Optimizer.Step(_context, rate, mean * GradientClipping.Factor(clipped, _settings.GradientClipNorm));
        return new UpdateResult(lossSum, weight, tokens, norm);
    }
}

/// <summary>What one update gave.</summary>
/// <param name="LossSum">Sum of the weighted losses of its targets, nats.</param>
/// <param name="Weight">The sum of their weights.</param>
/// <param name="Tokens">Tokens read.</param>
/// <param name="GradientNorm">Global norm of the mean gradient before any clipping.</param>
internal readonly record struct UpdateResult(double LossSum, double Weight, long Tokens, float GradientNorm);
