using System.Globalization;
using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Tensors;
using SequenceModels.Training;

namespace SequenceModels.Shapes;

/// <summary>Learning a task of one of the five shapes.</summary>
internal sealed unsafe class SequenceTrainingTask : ITrainingTask
{
    private const int EvaluationBatch = 64;
    private readonly SequenceTask _task;
    private readonly TrainingSettings _settings;
    private readonly SequenceScaling _scaling;
    private readonly ComputeContext _context;
    private readonly SequenceBatches _training;
    private readonly SequenceBatches _validation;
    private readonly TaskWeights _weights;
    private readonly TaskNetwork _network;
    private readonly NativeBuffer? _classWeights;

    public SequenceTrainingTask(
        SequenceTask task, SequenceScaling scaling, TrainingSettings settings, ParameterSet parameters, IReadOnlyList<SequenceExample> training, IReadOnlyList<SequenceExample> validation, ComputeContext context)
    {
        (_task, _settings, _scaling, _context, Parameters) = (task, settings, scaling, context, parameters);
        _training = Batches(task, scaling, training, settings.BatchSize, settings.Seed);
        _validation = Batches(task, scaling, validation, EvaluationBatch, null);
        _weights = new TaskWeights(task, parameters);
        _network = TaskNetwork.Create(task, parameters, _weights, context, TrainingObjective.Of(settings));
        _classWeights = ClassWeights(task, settings);
    }

    public ParameterSet Parameters { get; }

    public int BatchesPerEpoch => _training.Count;

    public long TokensPerEpoch => _training.StepsPerEpoch;

    public long ValidationTokens => _validation.StepsPerEpoch;

    /// <summary>Numbers may be as far off as they like, and so may one example of a heavily weighted token.</summary>
    public double GuessLoss => _classWeights is not null || _task.PredictsNumbers ? double.PositiveInfinity : Math.Log(_task.ChosenLoss == TaskLoss.CrossEntropy ? _task.Outputs : 2);

    public IReadOnlyList<(string Name, NativeBuffer Values)> Carried => [];

    /// <summary>Batches of whole examples.</summary>
    public static SequenceBatches Batches(SequenceTask task, SequenceScaling scaling, IReadOnlyList<SequenceExample> examples, int batchSize, long? seed) =>
        new(task, scaling, [.. examples.Select(example => example.Input)], [.. examples.Select(example => example.Target)], batchSize, seed);

    public void BeginEpoch(int epoch) => _training.BeginEpoch(epoch);

    public void Skip(int batches) => _training.Skip(batches);

    public BatchResult Step(long batch, double? divisor = null)
    {
        if (!_training.Next())
            throw new InvalidOperationException("The epoch has no further batch.");
        var random = new CounterRandom(_settings.Seed, RandomPurpose.Dropout, (uint)batch);
        _weights.Pack(_context, backward: true, random);
        float* weights = _classWeights is null ? null : _classWeights.Pointer;
        double sum = _network.Run(_training, random, training: true, divisor, weights);
        return new BatchResult(sum, _network.Head.Weight(_training, weights), _training.Steps);
    }

    public IReadOnlyDictionary<string, double> Evaluate(CancellationToken cancellationToken)
    {
        _weights.Pack(_context, backward: false);
        return _network.Evaluate(_validation, new TaskMetrics(_task, _scaling), cancellationToken);
    }

    public void Dispose()
    {
        _training.Dispose();
        _validation.Dispose();
        _weights.Dispose();
        _classWeights?.Dispose();
    }

    /// <summary>[outputs] the weights of the tokens, or <c>null</c>: all 1.</summary>
    private static NativeBuffer? ClassWeights(SequenceTask task, TrainingSettings settings)
    {
        if (settings.ClassWeights is not { } weights)
            return null;
        var ordered = new NativeBuffer(task.Outputs);
        for (int token = 0; token < task.Outputs; token++)
            ordered.Pointer[token] = (float)weights.GetValueOrDefault(token.ToString(CultureInfo.InvariantCulture), 1);
        return ordered;
    }
}
