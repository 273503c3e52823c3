using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Shapes;
using SequenceModels.Tensors;

namespace SequenceModels.Tests.Shapes;

/// <summary>A whole small network of a task and one training step of it, masks and all, as often as wanted: equal parameters give equal losses.</summary>
internal sealed unsafe class ShapeStep : IDisposable
{
    private static readonly CounterRandom s_random = new(7, RandomPurpose.Dropout, Step: 3);
    private readonly ComputeContext _context;
    private readonly TaskWeights _weights;
    private readonly TaskNetwork _network;
    private readonly SequenceBatches _batches;
    private readonly SequenceTask _task;

    public ShapeStep(SequenceTask task, int threads = 1, SimdWidth? width = null)
    {
        _task = task;
        _context = ComputeContext.Create(threads, width is null ? null : KernelSet.For(width.Value));
        Parameters = TaskWeights.CreateParameters(task);
        for (int i = 0; i < Parameters.Parameters.Count; i++)
        {
            var parameter = Parameters.Parameters[i];
            Initialization.Uniform(parameter.Values, 0.6, new CounterRandom(1, RandomPurpose.Initialization, 0, (uint)i));
            if (parameter.Name.Contains("norms.", StringComparison.Ordinal) && parameter.Name.EndsWith("weight", StringComparison.Ordinal))
            {
                foreach (ref float gain in parameter.Values)
                    gain += 1;
            }
        }

        var examples = ShapeCases.Examples(task);
        _batches = SequenceTrainingTask.Batches(task, SequenceScaling.Of(task, examples), examples, examples.Count, null);
        _batches.BeginEpoch(0);
        _batches.Next();
        _weights = new TaskWeights(task, Parameters);
        _network = TaskNetwork.Create(task, Parameters, _weights, _context);
    }

    public ParameterSet Parameters { get; }

    /// <summary>The mean loss of the batch; its gradients are in <see cref="Parameters"/>.</summary>
    public double Run()
    {
        Memory.Clear(Parameters.Gradients.Pointer, Parameters.Gradients.Length);
        _weights.Pack(_context, backward: true, s_random);
        return _network.Run(_batches, s_random, training: true) / _network.Head.Weight(_batches, null);
    }

    /// <summary>As <see cref="Run"/>, without masks and gradients, and with what the metrics make of it.</summary>
    public double Measure()
    {
        _weights.Pack(_context, backward: false);
        var examples = ShapeCases.Examples(_task);
        return _network.Run(_batches, default, training: false, metrics: new TaskMetrics(_task, SequenceScaling.Of(_task, examples)));
    }

    public void Dispose()
    {
        _batches.Dispose();
        _weights.Dispose();
        Parameters.Dispose();
        _context.Dispose();
    }
}
