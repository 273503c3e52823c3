using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Shapes;

/// <summary>The parameters of a task's network, as a PyTorch module has them, and the packed copies that its parts compute with.</summary>
internal sealed class TaskWeights : IDisposable
{
    /// <summary>Before the names of what reads.</summary>
    public const string EncoderPrefix = "encoder.";

    /// <summary>Before the names of what writes.</summary>
    public const string DecoderPrefix = "decoder.";
    private const string Output = "fc";
    private const string BridgeHidden = "bridge.hidden";
    private const string BridgeCell = "bridge.cell";
    private readonly LinearWeights[] _linears;

    public TaskWeights(SequenceTask task, ParameterSet parameters)
    {
        var architecture = task.Architecture;
        int inputSize = SequenceInput.SizeOf(task.Input, architecture.EmbeddingSize);
        Head = task.Output.Kind == StepKind.Tokens ? new LinearWeights(parameters, Output) : LinearWeights.Inner(parameters, Output);
        if (task.Shape == TaskShape.OneToOne)
            Dense = [.. Enumerable.Range(0, architecture.Layers).Select(layer => LinearWeights.Inner(parameters, DenseStack.Name(layer)))];
        if (task.Shape == TaskShape.OneToMany)
            Bridges = [.. BridgeNames(architecture).Select(name => LinearWeights.Inner(parameters, name))];
        if (!task.ReadsOne)
            Encoder = new RecurrentStackWeights(parameters, architecture, inputSize, task.Generates ? EncoderPrefix : "");
        if (architecture.Pooling == PoolingKind.Attention)
            Attention = new AttentionWeights(parameters);
        if (task.Generates)
            Decoder = new RecurrentStackWeights(parameters, Written(architecture), SequenceInput.SizeOf(task.Output, architecture.EmbeddingSize), DecoderPrefix);
        _linears = [.. Dense, .. Bridges, Head];
    }

    /// <summary>Layers without time.</summary>
    public IReadOnlyList<LinearWeights> Dense { get; } = [];

    /// <summary>From a vector to the states that a sequence begins with: h and, for cells that have one, c.</summary>
    public IReadOnlyList<LinearWeights> Bridges { get; } = [];

    /// <summary>The layers that read, or <c>null</c>.</summary>
    public RecurrentStackWeights? Encoder { get; }

    /// <summary>The weights by which steps are pooled, or <c>null</c>.</summary>
    public AttentionWeights? Attention { get; }

    /// <summary>The layers that write, or <c>null</c>.</summary>
    public RecurrentStackWeights? Decoder { get; }

    /// <summary>The output layer.</summary>
    public LinearWeights Head { get; }

    /// <summary>Bytes held in packed copies.</summary>
    public long PackedBytes => (Encoder?.PackedBytes ?? 0) + (Decoder?.PackedBytes ?? 0) + (Attention?.PackedBytes ?? 0) + _linears.Sum(layer => layer.PackedBytes);

    /// <summary>Zero-valued parameters of a task's network.</summary>
    public static ParameterSet CreateParameters(SequenceTask task) => new(Shapes(task));

    /// <summary>Number of parameters, without allocating them.</summary>
    public static long Count(SequenceTask task) => Shapes(task).Sum(entry => entry.Shape.Aggregate(1L, (product, dimension) => product * dimension));

    /// <summary>Names and shapes of all parameters.</summary>
    public static IEnumerable<(string Name, int[] Shape)> Shapes(SequenceTask task)
    {
        var architecture = task.Architecture;
        int inputSize = SequenceInput.SizeOf(task.Input, architecture.EmbeddingSize), features = architecture.HiddenSize * (architecture.Bidirectional ? 2 : 1);
        string prefix = task.Generates ? EncoderPrefix : "";
        List<(string, int[])> shapes = [.. SequenceInput.Shapes(prefix, task.Input, 0, architecture.EmbeddingSize)];
        if (task.Shape == TaskShape.OneToOne)
            shapes.AddRange(DenseStack.Shapes(architecture, inputSize));
        if (task.Shape == TaskShape.OneToMany)
            shapes.AddRange(BridgeNames(architecture).SelectMany(name => LinearWeights.Shapes(name, inputSize, architecture.Layers * architecture.HiddenSize)));
        if (!task.ReadsOne)
            shapes.AddRange(RecurrentStackWeights.Shapes(architecture, inputSize, prefix));
        if (architecture.Pooling == PoolingKind.Attention)
            shapes.AddRange(AttentionWeights.Shapes(features));
        if (task.Generates)
        {
            shapes.AddRange(SequenceInput.Shapes(DecoderPrefix, task.Output, task.Ends ? 1 : 0, architecture.EmbeddingSize));
            shapes.AddRange(RecurrentStackWeights.Shapes(Written(architecture), SequenceInput.SizeOf(task.Output, architecture.EmbeddingSize), DecoderPrefix));
        }

        return [.. shapes, .. LinearWeights.Shapes(Output, Pooling.PooledSize(architecture.Pooling, features), task.Outputs)];
    }

    /// <summary>Brings the packed copies up to date with the parameters.</summary>
    /// <param name="context">Kernels and team.</param>
    /// <param name="backward">Whether the backward pass will run.</param>
    /// <param name="drops">Key of the masks of recurrent weights; <c>null</c>: nothing is dropped.</param>
    public void Pack(ComputeContext context, bool backward, CounterRandom? drops = null)
    {
        Encoder?.Pack(context, backward, drops);
        Decoder?.Pack(context, backward, drops is { } key ? key with { Tensor = MaskKeys.Decoder } : null);
        Attention?.Hidden.Pack(backward);
        foreach (var layer in _linears)
            layer.Pack(backward);
    }

    public void Dispose()
    {
        Encoder?.Dispose();
        Decoder?.Dispose();
        Attention?.Dispose();
        foreach (var layer in _linears)
            layer.Dispose();
    }

    /// <summary>A decoder begins with the states that it is given.</summary>
    private static ArchitectureSettings Written(ArchitectureSettings architecture) => architecture with { LearnedInitialState = false };

    private static string[] BridgeNames(ArchitectureSettings architecture) =>
        RecurrentCell.Of(architecture.Cell).HasCellState ? [BridgeHidden, BridgeCell] : [BridgeHidden];
}
