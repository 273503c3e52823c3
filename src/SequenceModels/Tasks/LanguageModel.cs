using SequenceModels.Data;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Sampling;
using SequenceModels.Tensors;
using SequenceModels.Text;
using SequenceModels.Training;

namespace SequenceModels.Tasks;

/// <summary>A network that gives the probabilities of the next token (many-to-many of equal length).</summary>
public sealed class LanguageModel : SequenceModel
{
    /// <summary>Up to this vocabulary the first layer's input products are kept as a table.</summary>
    private const int LargestTable = 4096;
    private readonly TokenEncoderWeights _encoder;
    private readonly LinearWeights _output;

    internal LanguageModel(ArchitectureSettings architecture, ITokenizer tokenizer, ParameterSet parameters)
        : base(architecture, tokenizer, [], parameters)
    {
        _encoder = new TokenEncoderWeights(parameters, architecture, TablePays(tokenizer.Vocabulary.Count));
        _output = new LinearWeights(parameters, NetworkLayout.Output);
        using var context = ComputeContext.Create(1);
        _encoder.Pack(context, backward: false);
        _output.Pack(backward: false);
    }

    /// <inheritdoc/>
    public override TaskKind Task => TaskKind.LanguageModel;

    /// <inheritdoc/>
    public override long MemoryBytes => sizeof(float) * (Parameters.Values.Length + _encoder.PackedLength + _output.PackedLength);

    /// <summary>Whether the model was trained on lines, each begun anew and ended by an end mark.</summary>
    public bool OverLines => Tokenizer.Vocabulary.End is not null;

    /// <summary>
    /// The token that stands before a new text: the end mark for models of lines; otherwise a line feed if the vocabulary has one, else the most frequent token.
    /// </summary>
    public int StartToken => Tokenizer.Vocabulary.End ?? LineFeedOrMostFrequent();

    /// <summary>A state of <paramref name="rows"/> independent texts, zero at first, that reads one token a row and step.</summary>
    /// <param name="rows">Number of texts, 1 or more.</param>
    /// <returns>The state, to be disposed of by the caller; for one thread at a time.</returns>
    public ITokenStepper CreateStepper(int rows) => new LanguageModelStepper(KernelSet.Best, _encoder, _output, rows);

    /// <summary>Whether the first layer's input products are kept as a table for inference.</summary>
    internal static bool TablePays(int vocabulary) => vocabulary <= LargestTable;

    /// <summary>A stepper on kernels of a given width.</summary>
    internal ITokenStepper CreateStepper(int rows, KernelSet kernels) => new LanguageModelStepper(kernels, _encoder, _output, rows);

    internal override IReadOnlyDictionary<string, double> Evaluate(TrainingData data, int sequenceLength, ComputeContext context, CancellationToken cancellationToken)
    {
        var network = new LanguageModelNetwork(_encoder, _output, context);
        using var batches = LanguageModelBatches.Create(data, Tokenizer, LanguageModelBatches.EvaluationBatch, sequenceLength, shuffleSeed: null, Architecture.Layers * Architecture.HiddenSize);
        return network.Evaluate(batches, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _encoder.Dispose();
        _output.Dispose();
        base.Dispose(disposing);
    }

    private int LineFeedOrMostFrequent()
    {
        int[] lineFeed = Tokenizer.Encode("\n");
        return lineFeed is [var token] && token != Vocabulary.Unknown ? token : Math.Min(1, Tokenizer.Vocabulary.Count - 1);
    }
}
