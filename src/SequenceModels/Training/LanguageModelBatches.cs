using SequenceModels.Data;
using SequenceModels.Layers;
using SequenceModels.Tensors;
using SequenceModels.Text;

namespace SequenceModels.Training;

/// <summary>The batches of a language model's epoch, one at a time: tokens, the tokens that follow them, and the state carried from batch to batch.</summary>
internal abstract unsafe class LanguageModelBatches : IDisposable
{
    /// <summary>Sequences worked on together where nothing is learned.</summary>
    public const int EvaluationBatch = 32;

    private NativeBuffer _tokens = new(0);
    private NativeBuffer _targets = new(0);

    /// <summary>T, B and lengths of the current batch.</summary>
    public SequenceShape Shape { get; protected set; } = new(1, 1);

    /// <summary>[T,B] tokens read.</summary>
    public int* Tokens => (int*)_tokens.Pointer;

    /// <summary>[T,B] tokens to be predicted; -1 where there is none.</summary>
    public int* Targets => (int*)_targets.Pointer;

    /// <summary>[B] labels of the rows, or <c>null</c>: there are none.</summary>
    public virtual int* Labels => null;

    /// <summary>Number of targets in the current batch.</summary>
    public int TargetCount { get; protected set; }

    /// <summary>[L,B,H] hidden state to go on from, or <c>null</c>: 0.</summary>
    public virtual float* Hidden => null;

    /// <summary>[L,B,H] cell state to go on from.</summary>
    public virtual float* Cell => null;

    /// <summary>Whether the rows of the current batch are texts' beginnings rather than what follows the batch before.</summary>
    public virtual bool Begins => true;

    /// <summary>Batches an epoch.</summary>
    public abstract int Count { get; }

    /// <summary>Targets of all batches of an epoch.</summary>
    public abstract long TokensPerEpoch { get; }

    /// <summary>Batches over one long text or over lines.</summary>
    /// <param name="data">Text, lines, or labelled lines.</param>
    /// <param name="tokenizer">Text to tokens.</param>
    /// <param name="batchSize">B.</param>
    /// <param name="sequenceLength">T of a chunk, or tokens at most of a line with its end mark.</param>
    /// <param name="shuffleSeed">Seed of the order of lines; <c>null</c>: file order by length.</param>
    /// <param name="stateLength">L x H floats of carried state a row; 0 where the state is not carried.</param>
    /// <param name="labels">The model's labels; <c>null</c>: it has none.</param>
    /// <exception cref="ArgumentException">The data are labelled and the model is not, the other way round, or they carry a label that the model does not have.</exception>
    public static LanguageModelBatches Create(TrainingData data, ITokenizer tokenizer, int batchSize, int sequenceLength, long? shuffleSeed, int stateLength = 0, IReadOnlyList<string>? labels = null) => data switch
    {
        TrainingData.ContinuousText text => new StreamBatches(tokenizer.Encode(text.Text), batchSize, sequenceLength, stateLength),
        TrainingData.Lines lines when labels is null or [] => new LineBatches(lines.Items, tokenizer, batchSize, sequenceLength, shuffleSeed),
        TrainingData.Labelled labelled when labels is { Count: > 0 } => new LineBatches(
            [.. labelled.Items.Select(item => item.Text)], tokenizer, batchSize, sequenceLength, shuffleSeed, LabelNumbers.Of(labelled.Items, labels)),
        _ => throw new ArgumentException("A language model learns from one text or from lines, one with labels from labelled lines.", nameof(data)),
    };

    /// <summary>What is carried from batch to batch, by name.</summary>
    public virtual IReadOnlyList<(string Name, NativeBuffer Values)> Carried => [];

    /// <summary>Starts over.</summary>
    public abstract void BeginEpoch(int epoch);

    /// <summary>Passes over so many batches.</summary>
    public virtual void Skip(int batches)
    {
        for (int i = 0; i < batches; i++)
            Next();
    }

    /// <summary>Moves to the next batch; <c>false</c> at the end of the epoch.</summary>
    public abstract bool Next();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        _tokens.Dispose();
        _targets.Dispose();
    }

    /// <summary>Makes room for the current shape.</summary>
    protected void Reserve()
    {
        if (_tokens.Length >= Shape.Rows)
            return;
        _tokens.Dispose();
        _targets.Dispose();
        _tokens = new NativeBuffer(Shape.Rows);
        _targets = new NativeBuffer(Shape.Rows);
    }
}
