using System.Collections.Concurrent;
using SequenceModels.Data;
using SequenceModels.Evaluation;
using SequenceModels.Layers;
using SequenceModels.Sampling;
using SequenceModels.Tensors;
using SequenceModels.Text;
using SequenceModels.Training;

namespace SequenceModels.Tasks;

/// <summary>A network that gives a whole sequence one of several labels (many-to-one).</summary>
public sealed unsafe partial class SequenceClassifier : SequenceModel
{
    private const int Batch = 32;
    private const long LargestTableBytes = 96L << 20;

    /// <summary>Most logits that a temperature is fitted to: more would hardly move it.</summary>
    private const int MostLogits = 1 << 22;

    private readonly TokenEncoderWeights _encoder;
    private readonly LinearWeights _output;
    private readonly ConcurrentBag<ComputeContext> _idle = [];

    internal SequenceClassifier(ArchitectureSettings architecture, ITokenizer tokenizer, IReadOnlyList<string> labels, ParameterSet parameters, int maximumTokens, WeightPrecision precision, double temperature)
        : base(architecture, tokenizer, labels, parameters, precision)
    {
        if (!(temperature > 0 && double.IsFinite(temperature)))
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "A temperature lies above 0.");
        (MaximumTokens, Temperature) = (maximumTokens, temperature);
        _encoder = PackEncoder(precision);
        _output = new LinearWeights(parameters, NetworkLayout.Output);
        _output.Pack(backward: false);
    }

    /// <inheritdoc/>
    public override TaskKind Task => TaskKind.Classification;

    /// <inheritdoc/>
    public override long MemoryBytes => sizeof(float) * Parameters.Values.Length + _encoder.PackedBytes + _output.PackedBytes;

    /// <summary>Tokens of a text that are read; what follows is cut off.</summary>
    public int MaximumTokens { get; }

    /// <summary>
    /// T, what logits are divided by before they become probabilities (<see cref="TemperatureScaling"/>); 1 leaves them as they are. The most probable label does not depend on it. Training fits it at full precision; it serves
    /// lower ones too.
    /// </summary>
    public double Temperature { get; private set; }

    /// <summary>Labels texts. A text's result does not depend on the texts beside it.</summary>
    /// <param name="texts">The texts; an empty one is read as one unknown token.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>One result a text, in the order given.</returns>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public IReadOnlyList<Classification> Classify(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var sequences = new int[texts.Count][];
        var results = new Classification[texts.Count];
        var truncated = new bool[texts.Count];
        for (int i = 0; i < texts.Count; i++)
            sequences[i] = Encode(texts[i], Tokenizer, MaximumTokens, out truncated[i]);

        if (!_idle.TryTake(out var context))
            context = ComputeContext.Create(1);
        try
        {
            using var batches = new ClassifierBatches(sequences, new int[texts.Count], Math.Min(Batch, Math.Max(1, texts.Count)), shuffleSeed: null);
            var network = new ClassifierNetwork(Architecture, _encoder, _output, context);
            while (batches.Next())
            {
                cancellationToken.ThrowIfCancellationRequested();
                float* logits = network.Logits(batches);
                for (int row = 0; row < batches.Members.Length; row++)
                {
                    int index = batches.Members[row];
                    results[index] = Describe(new ReadOnlySpan<float>(logits + (long)row * _output.Stride, Labels.Count), sequences[index], truncated[index]);
                }
            }
        }
        finally
        {
            _idle.Add(context);
        }

        return results;
    }

    internal override IReadOnlyDictionary<string, double> Evaluate(
        TrainingData data, int sequenceLength, WeightPrecision precision, ComputeContext context, CancellationToken cancellationToken)
    {
        using var batches = CreateBatches(data, Tokenizer, Labels, Batch, sequenceLength, shuffleSeed: null);
        using var lowered = precision == Precision ? null : PackEncoder(precision);
        return new ClassifierNetwork(Architecture, lowered ?? _encoder, _output, context).Evaluate(batches, cancellationToken);
    }

    internal override ModelEvaluation Measure(TrainingData data, int sequenceLength, long seed, ComputeContext context, CancellationToken cancellationToken)
    {
        using var batches = CreateBatches(data, Tokenizer, Labels, Batch, sequenceLength, shuffleSeed: null);
        var scores = new ClassifierScores(((TrainingData.Labelled)data).Items.Count, Labels.Count, Temperature);
        double loss = new ClassifierNetwork(Architecture, _encoder, _output, context).Read(batches, (member, label, logits, own) => scores.Set(member, label, logits, own), cancellationToken);
        return scores.Evaluate(loss, seed, cancellationToken);
    }

    /// <summary>Fits the temperature to examples that were held out, before anybody else has the model.</summary>
    internal FittedTemperature Calibrate(TrainingData data, int sequenceLength, ComputeContext context, CancellationToken cancellationToken)
    {
        using var batches = CreateBatches(data, Tokenizer, Labels, Batch, sequenceLength, shuffleSeed: null);
        int examples = ((TrainingData.Labelled)data).Items.Count, classes = Labels.Count, spacing = ClassifierScores.Spacing(examples, classes, MostLogits), held = (examples + spacing - 1) / spacing;
        var (all, targets) = (new float[held * classes], new int[held]);
        new ClassifierNetwork(Architecture, _encoder, _output, context).Read(batches, Hold, cancellationToken);
        var fitted = TemperatureScaling.Fit(all, targets, classes);
        Temperature = fitted.Temperature;
        return fitted;

        void Hold(int member, int label, ReadOnlySpan<float> logits, float loss)
        {
            if (member % spacing != 0)
                return;
            logits.CopyTo(all.AsSpan(member / spacing * classes));
            targets[member / spacing] = label;
        }
    }

    /// <summary>Whether the first layer's input products of all tokens are computed when a model is loaded: they save half the arithmetic, for memory.</summary>
    internal static bool TablePays(ArchitectureSettings architecture, int vocabulary) =>
        (long)vocabulary * 4 * Kernels.PackedMatrix.PaddedColumns(architecture.HiddenSize) * (architecture.Bidirectional ? 2 : 1) * sizeof(float) <= LargestTableBytes;

    /// <summary>Batches of labelled texts.</summary>
    /// <exception cref="ArgumentException">The data are not labelled, or carry a label that the model does not have.</exception>
    internal static ClassifierBatches CreateBatches(TrainingData data, ITokenizer tokenizer, IReadOnlyList<string> labels, int batchSize, int longest, long? shuffleSeed)
    {
        if (data is not TrainingData.Labelled labelled)
            throw new ArgumentException("A classifier learns from labelled texts.", nameof(data));
        int[][] sequences = [.. labelled.Items.Select(item => Encode(item.Text, tokenizer, longest, out _))];
        return new ClassifierBatches(sequences, LabelNumbers.Of(labelled.Items, labels), batchSize, shuffleSeed);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        while (_idle.TryTake(out var context))
            context.Dispose();
        _encoder.Dispose();
        _output.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The encoder's weights; those of the output layer are few and stay as they are.</summary>
    private TokenEncoderWeights PackEncoder(WeightPrecision precision)
    {
        var encoder = new TokenEncoderWeights(Parameters, Architecture, TablePays(Architecture, Tokenizer.Vocabulary.Count));
        using var context = ComputeContext.Create(1);
        encoder.Pack(context, backward: false);
        encoder.Lower(precision);
        return encoder;
    }

    private static int[] Encode(string text, ITokenizer tokenizer, int longest, out bool truncated)
    {
        int[] tokens = tokenizer.Encode(text);
        truncated = tokens.Length > longest;
        return tokens.Length == 0 ? [Vocabulary.Unknown] : truncated ? tokens[..longest] : tokens;
    }

    private Classification Describe(ReadOnlySpan<float> logits, int[] tokens, bool truncated)
    {
        var probabilities = new double[logits.Length];
        TemperatureScaling.Probabilities(logits, Temperature, probabilities);
        var all = new Dictionary<string, double>(Labels.Count, StringComparer.Ordinal);
        for (int i = 0; i < Labels.Count; i++)
            all.Add(Labels[i], probabilities[i]);
        int best = SamplingMath.ArgMax(logits);
        return new Classification(Labels[best], probabilities[best], all, tokens.Length, tokens.Count(token => token == Vocabulary.Unknown), truncated);
    }
}
