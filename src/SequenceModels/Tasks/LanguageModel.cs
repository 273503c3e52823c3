using SequenceModels.Data;
using SequenceModels.Evaluation;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Sampling;
using SequenceModels.Tensors;
using SequenceModels.Text;
using SequenceModels.Training;

namespace SequenceModels.Tasks;

/// <summary>A network that gives the probabilities of the next token (many-to-many of equal length).</summary>
public sealed partial class LanguageModel : SequenceModel
{
    /// <summary>Up to this vocabulary the first layer's input products are kept as a table.</summary>
    private const int LargestTable = 4096;
    private readonly TokenEncoderWeights _encoder;
    private readonly LinearWeights _output;

    internal LanguageModel(ArchitectureSettings architecture, ITokenizer tokenizer, IReadOnlyList<string> labels, ParameterSet parameters, WeightPrecision precision)
        : base(architecture, tokenizer, labels, parameters, precision)
    {
        (_encoder, _output) = Pack(precision);
    }

    /// <inheritdoc/>
    public override TaskKind Task => TaskKind.LanguageModel;

    /// <inheritdoc/>
    public override long MemoryBytes => sizeof(float) * Parameters.Values.Length + _encoder.PackedBytes + _output.PackedBytes;

    /// <summary>Whether the model was trained on lines, each begun anew and ended by an end mark.</summary>
    public bool OverLines => Tokenizer.Vocabulary.End is not null;

    /// <summary>Whether the model reads a label beside each token of a text: those of <see cref="SequenceModel.Labels"/>.</summary>
    public bool IsConditional => Labels.Count > 0;

    /// <summary>Whether the weights are so large that a team of threads steps faster than one thread.</summary>
    public bool TeamPays => LanguageModelStepper.TeamPays(_encoder, _output);

    /// <summary>
    /// The token that stands before a new text: the end mark for models of lines; otherwise a line feed if the vocabulary has one, else the most frequent token.
    /// </summary>
    public int StartToken => Tokenizer.Vocabulary.End ?? LineFeedOrMostFrequent();

    /// <summary>A state of <paramref name="rows"/> independent texts, zero at first, that reads one token a row and step.</summary>
    /// <param name="rows">Number of texts, 1 or more.</param>
    /// <returns>The state, to be disposed of by the caller; for one thread at a time.</returns>
    public ITokenStepper CreateStepper(int rows) => CreateStepper(rows, (InferenceTeam.Lease?)null);

    /// <summary>As <see cref="CreateStepper(int)"/>, with threads that help where <see cref="TeamPays"/>.</summary>
    /// <param name="rows">Number of texts, 1 or more.</param>
    /// <param name="team">The threads, not to be given back before the last step; <c>null</c>: none.</param>
    /// <returns>The state, to be disposed of by the caller; for one thread at a time.</returns>
    /// <exception cref="ArgumentException">The model is conditional, so that each text needs a label.</exception>
    public ITokenStepper CreateStepper(int rows, InferenceTeam.Lease? team) => CreateStepper(rows, KernelSet.Best, team?.Team);

    /// <summary>As <see cref="CreateStepper(int)"/>, for a conditional model: one text a label.</summary>
    /// <param name="labels">The texts' labels, by their numbers in <see cref="SequenceModel.Labels"/>.</param>
    /// <param name="team">The threads that help, not to be given back before the last step; <c>null</c>: none.</param>
    /// <returns>The state, to be disposed of by the caller; for one thread at a time.</returns>
    /// <exception cref="ArgumentException">The model is not conditional, or has no such label.</exception>
    public ITokenStepper CreateStepper(IReadOnlyList<int> labels, InferenceTeam.Lease? team = null) => CreateStepper(labels, KernelSet.Best, team?.Team);

    /// <summary>Whether the first layer's input products are kept as a table for inference.</summary>
    internal static bool TablePays(int vocabulary, int labels) => vocabulary <= LargestTable && labels == 0;

    /// <summary>A stepper on kernels of a given width.</summary>
    internal ITokenStepper CreateStepper(int rows, KernelSet kernels, ThreadTeam? team = null) =>
        IsConditional ? throw new ArgumentException("The model reads a label beside each token: each text needs one.", nameof(rows)) : new LanguageModelStepper(kernels, _encoder, _output, rows, team);

    /// <summary>A conditional stepper on kernels of a given width.</summary>
    internal ITokenStepper CreateStepper(IReadOnlyList<int> labels, KernelSet kernels, ThreadTeam? team = null)
    {
        if (!IsConditional || labels.Any(label => label < 0 || label >= Labels.Count))
            throw new ArgumentException($"The model has {Labels.Count} labels; given {string.Join(", ", labels.Take(10))}.", nameof(labels));
        return new LanguageModelStepper(kernels, _encoder, _output, labels.Count, team, [.. labels]);
    }

    internal override IReadOnlyDictionary<string, double> Evaluate(
        TrainingData data, int sequenceLength, WeightPrecision precision, ComputeContext context, CancellationToken cancellationToken)
    {
        if (precision == Precision)
            return Evaluate(_encoder, _output, data, sequenceLength, context, cancellationToken);
        var (encoder, output) = Pack(precision);
        using (encoder)
        using (output)
            return Evaluate(encoder, output, data, sequenceLength, context, cancellationToken);
    }

    internal override ModelEvaluation Measure(TrainingData data, int sequenceLength, long seed, ComputeContext context, CancellationToken cancellationToken)
    {
        using var batches = LanguageModelBatches.Create(data, Tokenizer, LanguageModelBatches.EvaluationBatch, sequenceLength, shuffleSeed: null, Architecture.Layers * Architecture.HiddenSize, Labels);
        var passages = (IPassages)batches;
        var scores = new LanguageModelScores(passages.Passages);
        double loss = new LanguageModelNetwork(_encoder, _output, context).Read(batches, Add, cancellationToken);
        bool lines = OverLines;
        var characters = new PassageCharacters(data, Tokenizer);
        return scores.Evaluate(
            loss,
            passage => characters.Of(passages.PlaceOf(passage), passages.TargetsOf(passage).Length),
            lines ? Bootstrap.UnitsOfRows(passages.Passages, seed) : Bootstrap.UnitsOfBlocks(passages.Passages),
            lines ? "lines" : "blocks",
            (passage, tokens, nats) => new HardPassage(passages.PlaceOf(passage), Tokenizer.Decode(passages.TargetsOf(passage)), tokens, nats),
            seed,
            cancellationToken);

        void Add(ReadOnlySpan<float> losses, ReadOnlySpan<int> ranks)
        {
            var shape = batches.Shape;
            for (int b = 0; b < shape.Batch; b++)
            {
                int passage = passages.PassageOf(b);
                var targets = passages.TargetsOf(passage);
                for (int t = 0; t < targets.Length; t++)
                    scores.Add(passage, losses[t * shape.Batch + b], ranks[t * shape.Batch + b], targets[t] == Vocabulary.Unknown);
            }
        }
    }

    private IReadOnlyDictionary<string, double> Evaluate(
        TokenEncoderWeights encoder, LinearWeights output, TrainingData data, int sequenceLength, ComputeContext context, CancellationToken cancellationToken)
    {
        var network = new LanguageModelNetwork(encoder, output, context);
        using var batches = LanguageModelBatches.Create(data, Tokenizer, LanguageModelBatches.EvaluationBatch, sequenceLength, shuffleSeed: null, Architecture.Layers * Architecture.HiddenSize, Labels);
        return network.Evaluate(batches, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _encoder.Dispose();
        _output.Dispose();
        base.Dispose(disposing);
    }

    private (TokenEncoderWeights Encoder, LinearWeights Output) Pack(WeightPrecision precision)
    {
        var encoder = new TokenEncoderWeights(Parameters, Architecture, TablePays(Tokenizer.Vocabulary.Count, Labels.Count));
        var output = new LinearWeights(Parameters, NetworkLayout.Output);
        using var context = ComputeContext.Create(1);
        encoder.Pack(context, backward: false);
        output.Pack(backward: false);
        encoder.Lower(precision);
        output.Lower(precision);
        return (encoder, output);
    }

    private int LineFeedOrMostFrequent()
    {
        int[] lineFeed = Tokenizer.Encode("\n");
        return lineFeed is [var token] && token != Vocabulary.Unknown ? token : Math.Min(1, Tokenizer.Vocabulary.Count - 1);
    }
}
