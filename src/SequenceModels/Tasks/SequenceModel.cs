using SequenceModels.Data;
using SequenceModels.Evaluation;
using SequenceModels.Layers;
using SequenceModels.Serialization;
using SequenceModels.Tensors;
using SequenceModels.Text;
using SequenceModels.Training;

namespace SequenceModels.Tasks;

/// <summary>A trained network with its tokenizer: all that inference needs. Safe for concurrent inference; immutable after construction.</summary>
public abstract partial class SequenceModel : IDisposable
{
    private protected SequenceModel(ArchitectureSettings architecture, ITokenizer tokenizer, IReadOnlyList<string> labels, ParameterSet parameters, WeightPrecision precision)
    {
        Architecture = architecture;
        Tokenizer = tokenizer;
        Labels = labels;
        Parameters = parameters;
        Precision = precision;
    }

    /// <summary>What the model has learned.</summary>
    public abstract TaskKind Task { get; }

    /// <summary>The network's sizes.</summary>
    public ArchitectureSettings Architecture { get; }

    /// <summary>Text to tokens and back.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>The classes of a classifier, in the order of its outputs, or the labels that a conditional language model reads; empty for other language models.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The parameters, under PyTorch's names.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>How the weights of the products are kept.</summary>
    public WeightPrecision Precision { get; }

    /// <summary>Bytes of parameters and of what is derived from them for inference.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>What <see cref="MemoryBytes"/> will be in single precision, before a model is loaded.</summary>
    /// <param name="task">What the model has learned.</param>
    /// <param name="architecture">The network's sizes.</param>
    /// <param name="vocabulary">V, tokens of its vocabulary.</param>
    /// <param name="labels">Classes of a classifier, or labels of a conditional language model; 0 for other language models.</param>
    public static long EstimateBytes(TaskKind task, ArchitectureSettings architecture, int vocabulary, int labels) =>
        new TrainingMemory(task, architecture, vocabulary, labels, continuous: false).OfModel();

    /// <summary>A model whose weights are read from a safetensors file.</summary>
    /// <param name="task">What the model has learned.</param>
    /// <param name="architecture">The network's sizes.</param>
    /// <param name="tokenizer">Text to tokens and back.</param>
    /// <param name="labels">The classes of a classifier, or the labels of a conditional language model; empty for other language models.</param>
    /// <param name="weights">The file.</param>
    /// <param name="maximumTokens">Tokens of a text that a classifier reads; what follows is cut off.</param>
    /// <param name="precision">How to keep the weights of the products.</param>
    /// <param name="names">Which tensor of the file each parameter is read from; <c>null</c>: the one of its name.</param>
    /// <param name="temperature">What a classifier divides its logits by, above 0; see <see cref="SequenceClassifier.Temperature"/>.</param>
    /// <returns>The model, to be disposed of by the caller.</returns>
    /// <exception cref="SafetensorsException">The file is not well-formed, or its tensors are not this network's.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is not above 0.</exception>
    public static SequenceModel Load(
        TaskKind task, ArchitectureSettings architecture, ITokenizer tokenizer, IReadOnlyList<string> labels, Stream weights, int maximumTokens = int.MaxValue,
        WeightPrecision precision = WeightPrecision.Float32, StateDictNames? names = null, double temperature = 1)
    {
        SafetensorsReader.RequireRoomFor(weights, NetworkLayout.Count(task, architecture, tokenizer.Vocabulary.Count, labels.Count));
        var parameters = NetworkLayout.Create(task, architecture, tokenizer.Vocabulary.Count, labels.Count);
        try
        {
            SafetensorsReader.ReadInto(parameters, weights, names ?? StateDictNames.Same);
            return Create(task, architecture, tokenizer, labels, parameters, maximumTokens, precision, temperature);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>Writes the parameters as a safetensors file: the same parameters give the same bytes.</summary>
    /// <param name="destination">The file.</param>
    public void WriteWeights(Stream destination) => SafetensorsWriter.Write(Parameters, destination);

    /// <summary>Writes the model as a new folder, for <see cref="LanguageModel.Load(string, WeightPrecision)"/> or <see cref="SequenceClassifier.Load(string, WeightPrecision)"/>: the whole of it or nothing.</summary>
    /// <param name="folder">The folder, which must not exist yet.</param>
    /// <exception cref="IOException">It exists already, or cannot be written.</exception>
    public void Save(string folder) => ModelFolder.Save(this, folder);

    /// <summary>The task's metrics on examples: for language models <c>validationLoss</c> (nats a token), <c>perplexity</c>, <c>bitsPerToken</c>, <c>tokens</c>;
    /// for classifiers <c>validationLoss</c> (nats an example), <c>accuracy</c>, <c>macroF1</c>, <c>examples</c>.</summary>
    /// <param name="data">The examples, of the kind that the task learns from.</param>
    /// <param name="sequenceLength">Tokens worked on at a time (one long text) or kept of a sequence.</param>
    /// <param name="threads">Threads to work with, 1 or more.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The metrics by name.</returns>
    /// <exception cref="ArgumentException">The data are not of the kind that the task learns from.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public IReadOnlyDictionary<string, double> Evaluate(TrainingData data, int sequenceLength, int threads, CancellationToken cancellationToken) =>
        Evaluate(data, sequenceLength, threads, Precision, cancellationToken);

    /// <summary>As <see cref="Evaluate(TrainingData, int, int, CancellationToken)"/>, as if the model had been loaded at another precision.</summary>
    /// <param name="data">The examples, of the kind that the task learns from.</param>
    /// <param name="sequenceLength">Tokens worked on at a time (one long text) or kept of a sequence.</param>
    /// <param name="threads">Threads to work with, 1 or more.</param>
    /// <param name="precision">The precision to measure at. One above that of loading is measured too: the parameters are kept.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>The metrics by name.</returns>
    /// <exception cref="ArgumentException">The data are not of the kind that the task learns from.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public IReadOnlyDictionary<string, double> Evaluate(TrainingData data, int sequenceLength, int threads, WeightPrecision precision, CancellationToken cancellationToken)
    {
        using var context = ComputeContext.Create(threads);
        return Evaluate(data, sequenceLength, precision, context, cancellationToken);
    }

    /// <summary>All that can be told of a model on examples: more metrics than <see cref="Evaluate(TrainingData, int, int, CancellationToken)"/> gives (those that both give have the same bits), intervals, and the hardest examples.</summary>
    /// <param name="data">The examples, one or more, of the kind that the task learns from.</param>
    /// <param name="sequenceLength">Tokens worked on at a time (one long text) or kept of a sequence.</param>
    /// <param name="threads">Threads to work with, 1 or more; they change nothing.</param>
    /// <param name="seed">Key of the intervals (<see cref="Bootstrap"/>).</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <returns>A <see cref="ClassifierEvaluation"/> or a <see cref="LanguageModelEvaluation"/>.</returns>
    /// <exception cref="ArgumentException">The data are not of the kind that the task learns from.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public ModelEvaluation Measure(TrainingData data, int sequenceLength, int threads, long seed, CancellationToken cancellationToken)
    {
        using var context = ComputeContext.Create(threads);
        return Measure(data, sequenceLength, seed, context, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    internal static SequenceModel Create(
        TaskKind task, ArchitectureSettings architecture, ITokenizer tokenizer, IReadOnlyList<string> labels, ParameterSet parameters, int maximumTokens,
        WeightPrecision precision = WeightPrecision.Float32, double temperature = 1) => task switch
        {
            TaskKind.LanguageModel => new LanguageModel(architecture, tokenizer, labels, parameters, precision),
            _ => new SequenceClassifier(architecture, tokenizer, labels, parameters, maximumTokens, precision, temperature),
        };

    internal abstract IReadOnlyDictionary<string, double> Evaluate(
        TrainingData data, int sequenceLength, WeightPrecision precision, ComputeContext context, CancellationToken cancellationToken);

    /// <summary>Of tasks that have nothing more to tell: their metrics.</summary>
    internal virtual ModelEvaluation Measure(TrainingData data, int sequenceLength, long seed, ComputeContext context, CancellationToken cancellationToken) =>
        new() { Metrics = Evaluate(data, sequenceLength, Precision, context, cancellationToken) };

    /// <summary>Releases the model's memory.</summary>
    /// <param name="disposing">Always <c>true</c>.</param>
    protected virtual void Dispose(bool disposing) => Parameters.Dispose();
}
