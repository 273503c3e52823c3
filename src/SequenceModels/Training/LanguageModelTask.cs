using SequenceModels.Data;
using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>Learning to predict the next token.</summary>
internal sealed class LanguageModelTask : ITrainingTask
{
    private readonly TrainingPlan _plan;
    private readonly ComputeContext _context;
    private readonly LanguageModelBatches _training;
    private readonly LanguageModelBatches _validation;
    private readonly TokenEncoderWeights _encoder;
    private readonly LinearWeights _output;
    private readonly LanguageModelNetwork _network;

    public LanguageModelTask(TrainingPlan plan, ParameterSet parameters, TrainingData training, TrainingData validation, ComputeContext context)
    {
        (_plan, _context, Parameters) = (plan, context, parameters);
        var (architecture, settings) = (plan.Architecture, plan.Training);
        int state = architecture.Layers * architecture.HiddenSize;
        _training = LanguageModelBatches.Create(training, plan.Tokenizer, settings.BatchSize, settings.SequenceLength, settings.Seed, state, plan.Labels);
        _validation = LanguageModelBatches.Create(validation, plan.Tokenizer, LanguageModelBatches.EvaluationBatch, settings.SequenceLength, null, state, plan.Labels);
        _encoder = new TokenEncoderWeights(parameters, architecture, UsesTable(architecture, settings, plan.Tokenizer.Vocabulary.Count, plan.Labels.Count));
        _output = new LinearWeights(parameters, NetworkLayout.Output);
        _network = new LanguageModelNetwork(_encoder, _output, context, TrainingObjective.Of(settings));
    }

    /// <summary>Whether the first layer's input products are computed as a table: where it has far fewer rows than a step has tokens.</summary>
    public static bool TablePays(TrainingSettings settings, int vocabulary) => vocabulary <= (long)settings.BatchSize * settings.SequenceLength / 2;

    /// <summary>Whether there is such a table: dropping components of embeddings gives a token another product wherever it stands, and so does a label.</summary>
    public static bool UsesTable(ArchitectureSettings architecture, TrainingSettings settings, int vocabulary, int labels) =>
        labels == 0 && TablePays(settings, vocabulary) && (architecture.InputDropout is null || architecture.InputDropout == 0);

    public ParameterSet Parameters { get; }

    public int BatchesPerEpoch => _training.Count;

    public long TokensPerEpoch => _training.TokensPerEpoch;

    public long ValidationTokens => _validation.TokensPerEpoch;

    public IReadOnlyList<(string Name, NativeBuffer Values)> Carried => _training.Carried;

    public double GuessLoss => Math.Log(_plan.Tokenizer.Vocabulary.Count);

    public void BeginEpoch(int epoch) => _training.BeginEpoch(epoch);

    public void Skip(int batches) => _training.Skip(batches);

    public BatchResult Step(long batch, double? divisor = null)
    {
        if (!_training.Next())
            throw new InvalidOperationException("The epoch has no further batch.");
        var random = new CounterRandom(_plan.Training.Seed, RandomPurpose.Dropout, (uint)batch);
        _encoder.Pack(_context, backward: true, random);
        _output.Pack(backward: true);
        double sum = _network.Run(_training, random, training: true, divisor);
        return new BatchResult(sum, _training.TargetCount, _training.TargetCount);
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
    }
}
