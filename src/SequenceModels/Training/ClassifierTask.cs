using SequenceModels.Data;
using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>Learning to label sequences.</summary>
internal sealed unsafe class ClassifierTask : ITrainingTask
{
    private readonly TrainingPlan _plan;
    private readonly ComputeContext _context;
    private readonly ClassifierBatches _training;
    private readonly ClassifierBatches _validation;
    private readonly TokenEncoderWeights _encoder;
    private readonly LinearWeights _output;
    private readonly ClassifierNetwork _network;
    private readonly NativeBuffer? _classWeights;

    public ClassifierTask(TrainingPlan plan, ParameterSet parameters, TrainingData training, TrainingData validation, ComputeContext context)
    {
        (_plan, _context, Parameters) = (plan, context, parameters);
        var settings = plan.Training;
        _training = SequenceClassifier.CreateBatches(training, plan.Tokenizer, plan.Labels, settings.BatchSize, settings.SequenceLength, settings.Seed);
        _validation = SequenceClassifier.CreateBatches(validation, plan.Tokenizer, plan.Labels, LanguageModelBatches.EvaluationBatch, settings.SequenceLength, null);
        _encoder = new TokenEncoderWeights(parameters, plan.Architecture, useTable: false); // embeddings are dropped out, so they differ from use to use
        _output = new LinearWeights(parameters, NetworkLayout.Output);
        _network = new ClassifierNetwork(plan.Architecture, _encoder, _output, context, TrainingObjective.Of(settings));
        _classWeights = Weights(plan);
    }

    public ParameterSet Parameters { get; }

    public int BatchesPerEpoch => _training.Count;

    public long TokensPerEpoch => _training.TokensPerEpoch;

    public long ValidationTokens => _validation.TokensPerEpoch;

    public IReadOnlyList<(string Name, NativeBuffer Values)> Carried => [];

    // One example of a heavily weighted label makes a batch's loss anything: then only a loss that is no number tells.
    public double GuessLoss => _plan.Training.ClassWeights is null ? Math.Log(_plan.Labels.Count) : double.PositiveInfinity;

    public void BeginEpoch(int epoch) => _training.BeginEpoch(epoch);

    public void Skip(int batches) => _training.Skip(batches);

    public BatchResult Step(long batch, double? divisor = null)
    {
        if (!_training.Next())
            throw new InvalidOperationException("The epoch has no further batch.");
        var random = new CounterRandom(_plan.Training.Seed, RandomPurpose.Dropout, (uint)batch);
        _encoder.Pack(_context, backward: true, random);
        _output.Pack(backward: true);
        float* weights = _classWeights is null ? null : _classWeights.Pointer;
        double sum = _network.Run(_training, random, training: true, predictions: null, weights, divisor);
        return new BatchResult(sum, ClassifierNetwork.Weight(_training, weights), _training.TokenCount);
    }

    public IReadOnlyDictionary<string, double> Evaluate(CancellationToken cancellationToken)
    {
        _encoder.Pack(_context, backward: false);
        _output.Pack(backward: false);
        return _network.Evaluate(_validation, cancellationToken);
    }

    public void Dispose()
    {
        _training.Dispose();
        _validation.Dispose();
        _encoder.Dispose();
        _output.Dispose();
        _classWeights?.Dispose();
    }

    /// <summary>[labels] the weights of the labels in their order, or <c>null</c>: all 1.</summary>
    private static NativeBuffer? Weights(TrainingPlan plan)
    {
        if (plan.Training.ClassWeights is not { } weights)
            return null;
        var ordered = new NativeBuffer(plan.Labels.Count);
        for (int label = 0; label < plan.Labels.Count; label++)
            ordered.Pointer[label] = (float)weights.GetValueOrDefault(plan.Labels[label], 1);
        return ordered;
    }
}
