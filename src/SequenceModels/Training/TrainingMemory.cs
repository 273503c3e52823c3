using SequenceModels.Data;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Losses;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Text;

namespace SequenceModels.Training;

/// <summary>
/// The memory of a run, added up from what the layers allocate. All sizes are in floats unless they say bytes. T x B are the rows of a step, S is H rounded up to 16, D directions.
/// </summary>
/// <param name="task">What is learned.</param>
/// <param name="architecture">The network's sizes.</param>
/// <param name="vocabulary">V.</param>
/// <param name="labels">Classes of a classifier, or labels that a language model reads.</param>
/// <param name="continuous">Whether it learns from one long text, so that rows are of one length and go on from batch to batch.</param>
internal sealed class TrainingMemory(TaskKind task, ArchitectureSettings architecture, int vocabulary, int labels, bool continuous)
{
    private readonly RecurrentCell _cell = RecurrentCell.Of(architecture.Cell);
    private readonly int _directions = architecture.Bidirectional ? 2 : 1;
    private readonly int _hidden = architecture.HiddenSize;
    private readonly int _stride = PackedMatrix.PaddedColumns(architecture.HiddenSize);

    private bool OverTokens => task == TaskKind.LanguageModel;

    private bool TableServed => OverTokens ? LanguageModel.TablePays(vocabulary, labels) : SequenceClassifier.TablePays(architecture, vocabulary);

    private int Outputs => OverTokens ? vocabulary : labels;

    private int Features => _directions * _hidden;

    private bool Attention => architecture.Pooling == PoolingKind.Attention;

    /// <summary>Whether a projection stands before tied embeddings.</summary>
    private bool Projects => architecture.TiedEmbeddings && architecture.EmbeddingSize != Features;

    /// <summary>Inputs of the output layer.</summary>
    private int Read => architecture.TiedEmbeddings ? architecture.EmbeddingSize : Pooling.PooledSize(architecture.Pooling, Features);

    private long InputStride => (long)_cell.InputOrder.Length * _stride;

    private long RecurrentStride => (long)(_cell.RecurrentOrder.Length + _cell.InnerOrder.Length) * _stride;

    /// <summary>Input products that are normalised are kept beside the results.</summary>
    private bool NormalizesInput => _cell.InputGain is not null;

    /// <summary>Bytes of examples while a run holds them: the texts, two bytes a UTF-16 unit, and their tokens, four bytes each.</summary>
    public static long OfData(TrainingData data, ITokenizer tokenizer)
    {
        IEnumerable<string> texts = data switch
        {
            TrainingData.ContinuousText text => [text.Text],
            TrainingData.Lines lines => lines.Items,
            TrainingData.Labelled labelled => labelled.Items.Select(item => item.Text),
            _ => throw new ArgumentException($"There is no text in {data.GetType().Name}.", nameof(data)),
        };
        return texts.Sum(text => (long)sizeof(char) * text.Length + sizeof(int) * (long)tokenizer.Count(text));
    }

    /// <summary>
    /// Bytes at the peak, examples left out: values and gradients of the parameters, their packed forms, a batch, the largest step, and the larger of
    /// what training keeps (what the optimiser remembers, the best values so far) and, after it, the packed forms of the finished model.
    /// </summary>
    public long OfRun(TrainingSettings training, int threads)
    {
        const int held = LanguageModelBatches.EvaluationBatch;
        bool table = OverTokens && LanguageModelTask.UsesTable(architecture, training, vocabulary, labels);
        long parameters = NetworkLayout.PaddedLength(task, architecture, vocabulary, labels);
        long batches = (OverTokens ? 2L : 1L) * (training.BatchSize + held) * training.SequenceLength;
        if (continuous)
            batches += 2L * (training.BatchSize + held) * architecture.Layers * _hidden;
        long step = Math.Max(
            Step(training.BatchSize, training.SequenceLength, table, true, threads),
            Step(held, training.SequenceLength, table, false, threads));
        return sizeof(float) * (2 * parameters + Packed(table, true) + Dropped(table) + batches + step + Math.Max((1 + Optimizer.BufferCount(training.Optimizer)) * parameters, Packed(TableServed, false)));
    }

    /// <summary>Bytes of a finished model: its parameters, and their packed forms in single precision.</summary>
    public long OfModel() => sizeof(float) * (NetworkLayout.PaddedLength(task, architecture, vocabulary, labels) + Packed(TableServed, false));

    /// <summary>Packed weights and biases of the recurrent layers.</summary>
    internal long PackedLayers(bool backward)
    {
        long length = 0;
        for (int layer = 0; layer < architecture.Layers; layer++)
        {
            int inputs = Inputs(layer);
            length += _directions * (InputStride * (inputs + 1) + RecurrentStride * (_hidden + (_cell.SeparateGate is null ? 0 : 1)));
            length += _directions * ((NormalizesInput ? 3 * InputStride : 0) + (_cell.Further.Length > 0 ? _cell.FurtherBlocks + 1L : 0) * _stride);
            if (backward)
                length += _directions * (InputStride * PackedMatrix.PaddedColumns(inputs) + RecurrentStride * _stride);
        }

        return length;
    }

    /// <summary>Packed weights, biases, and the table of the first layer's input products (with its gradients).</summary>
    private long Packed(bool table, bool backward)
    {
        long length = PackedLayers(backward);
        if (table)
            length += _directions * vocabulary * ((backward ? NormalizesInput ? 3 : 2 : 1) * InputStride + (NormalizesInput ? 1 : 0));
        if (Attention)
            length += Linear(Features, Features, backward);
        if (Projects)
            length += Linear(Features, architecture.EmbeddingSize, backward);
        return length + Linear(Read, Outputs, backward);
    }

    /// <summary>A packed linear layer with its bias.</summary>
    internal static long Linear(int inputs, int outputs, bool backward) =>
        (inputs + 1L) * PackedMatrix.PaddedColumns(outputs) + (backward ? (long)outputs * PackedMatrix.PaddedColumns(inputs) : 0);

    /// <summary>Copies of weights and rows that are dropped, with their masks.</summary>
    internal long Dropped(bool table)
    {
        long recurrent = architecture.WeightDropout > 0 ? architecture.Layers * _directions * DroppedWeights.Held((long)_cell.Gates * _hidden * _hidden) : 0;
        return recurrent + (architecture.EmbeddingDropout > 0 ? vocabulary * (1L + (table ? architecture.EmbeddingSize : 0)) : 0);
    }

    /// <summary>Activations of a step in the recurrent layers and, with training, their gradients, what the first one reads left out but for what is dropped of it.</summary>
    internal long Layers(int batch, int time, bool table, bool training, int threads)
    {
        long rows = (long)batch * time, length = training && !table ? DroppedValues(architecture.InputDropout ?? architecture.Dropout, batch, time, architecture.EmbeddingSize) : 0;
        for (int layer = 0; layer < architecture.Layers; layer++)
        {
            length += Layer(batch, time, Inputs(layer), layer == 0 && table, training, threads);
            if (architecture.Residual && layer > 0)
                length += rows * Features;
            if (architecture.LayerNorm)
                length += rows * (Features + (training ? LayerNormalization.Statistics : 0));
            if (training && layer < architecture.Layers - 1)
                length += DroppedValues(architecture.Dropout, batch, time, Features);
        }

        return length + (architecture.LearnedInitialState ? (training ? 4L : 2L) * architecture.Layers * batch * Features : 0);
    }

    /// <summary>Activations of a step and, with training, their gradients: what encoder, layers, pooling and loss take from the workspace.</summary>
    private long Step(int batch, int time, bool table, bool training, int threads)
    {
        long rows = (long)batch * time, length = (table ? 0 : rows * architecture.EmbeddingSize) + Layers(batch, time, table, training, threads);
        double dropout = training ? architecture.OutputDropout ?? architecture.Dropout : 0;
        long inputs = OverTokens ? rows : batch; // of the output layer
        length += OverTokens ? DroppedValues(dropout, batch, time, Features) : Pooled(batch, time, training, threads);
        if (!OverTokens && dropout > 0)
            length += inputs * Read * (Attention ? 2 : 1);
        if (Projects)
            length += Hidden(rows, architecture.EmbeddingSize) + (training ? rows * architecture.EmbeddingSize + threads * TransposedProduct.PackingLength(Features) : 0);
        int stride = PackedMatrix.PaddedColumns(Outputs);
        length += inputs + Math.Min(inputs, SoftmaxCrossEntropy.RowsHeld(stride)) * stride;
        return length + (training ? inputs * (OverTokens ? Features : Read) + threads * TransposedProduct.PackingLength(Read) : 0);
    }

    /// <summary>A mask, of all steps or of one that serves all, and the values that it leaves.</summary>
    internal long DroppedValues(double rate, int batch, int time, int features) =>
        rate > 0 ? (long)batch * features * (time + (architecture.DropoutKind == DropoutKind.Variational ? 1 : time)) : 0;

    /// <summary>Results of a linear layer in the middle: padded rows, and dense ones where they differ.</summary>
    internal static long Hidden(long rows, int outputs)
    {
        int stride = PackedMatrix.PaddedColumns(outputs);
        return rows * (stride + (stride == outputs ? 0 : outputs));
    }

    internal long Pooled(int batch, int time, bool training, int threads)
    {
        long rows = (long)batch * time, length = (long)batch * (Read + (training && architecture.Pooling is PoolingKind.Max or PoolingKind.Concat ? Features : 0)) + (training ? rows * Features : 0);
        if (!Attention)
            return length;
        length += Hidden(rows, Features) + (long)batch * PackedMatrix.PaddedColumns(time);
        return length + (training ? rows * Features + threads * TransposedProduct.PackingLength(Features) : 0);
    }

    private long Layer(int batch, int time, int inputs, bool table, bool training, int threads)
    {
        long rows = (long)batch * time, states = (long)batch * _stride, cells = _cell.HasCellState ? 1 : 0;
        bool keeps = architecture.Zoneout > 0;
        int hiddenStride = PackedMatrix.SpreadStride(_directions * _stride);
        long length = (time + 2L) * batch * hiddenStride + _directions * batch * RecurrentStride;
        if (!continuous || hiddenStride != Features)
            length += rows * Features; // outputs apart from the states
        int traceStride = PackedMatrix.SpreadStride(_cell.TraceBlocks * _stride + _cell.TraceScalars);
        length += _directions * _cell.InnerOrder.Length * (training ? rows : batch) * PackedMatrix.SpreadStride(_stride);
        if (NormalizesInput && !table)
            length += _directions * rows;
        if (!training)
            return length + _directions * ((table ? 0 : rows * InputStride) + cells * states * (keeps ? time + 1 : 1) + (_cell.WorksInTrace ? (long)batch * (traceStride + _stride) : 0));
        if (keeps)
            length += _directions * (1 + cells) * (rows * _stride + states); // masks, and gradients that pass by the cell
        length += _directions * (rows * traceStride + cells * ((time + 1) * states + rows * _stride));

        // Backwards: gradients of states and biases, of the input, and memory to multiply in.
        length += _directions * (states * (1 + cells + _cell.FurtherBlocks) + (_cell.BiasesAreOfProducts ? (long)_cell.Gates * _hidden : 0));
        if (NormalizesInput)
            length += _directions * ((table ? 0 : rows * InputStride) + InputNormalization.SumsLength(table ? vocabulary : (int)rows, (int)InputStride));
        length += threads * TransposedProduct.PackingLength(table ? _hidden : Math.Max(_hidden, inputs));
        return length + (table ? threads * TransposedProduct.PackingLength(architecture.EmbeddingSize) : rows * inputs);
    }

    private int Inputs(int layer) => layer == 0 ? architecture.EmbeddingSize : Features;
}
