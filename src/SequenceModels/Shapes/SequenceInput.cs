using SequenceModels.Layers;
using SequenceModels.Tensors;

namespace SequenceModels.Shapes;

/// <summary>The first part of a network: vectors of tokens from a table of embeddings, or frames as they are.</summary>
internal sealed unsafe class SequenceInput
{
    private const string Name = "embedding.weight";
    private readonly Parameter? _table;
    private readonly Embedding? _embedding;
    private readonly ComputeContext _context;
    private readonly int _size;
    private SequenceShape _shape = new(1, 1);
    private int* _tokens;

    /// <param name="parameters">The network's parameters.</param>
    /// <param name="prefix">What their names begin with.</param>
    /// <param name="format">What is read.</param>
    /// <param name="context">Team and workspace.</param>
    public SequenceInput(ParameterSet parameters, string prefix, SequenceFormat format, ComputeContext context)
    {
        _context = context;
        _table = parameters.Find(prefix + Name);
        _embedding = _table is null ? null : new Embedding(_table, context);
        _size = _table?.Shape[1] ?? format.Size;
    }

    /// <summary>Whether anybody wants the gradient of what is read: an embedding does.</summary>
    public bool Learns => _embedding is not null;

    /// <summary>Components of a vector that an input of that format becomes.</summary>
    public static int SizeOf(SequenceFormat format, int embeddingSize) => format.Kind == StepKind.Tokens ? embeddingSize : format.Size;

    /// <summary>Names and shapes of the parameters.</summary>
    /// <param name="prefix">What their names begin with.</param>
    /// <param name="format">What is read.</param>
    /// <param name="further">Tokens beside those of the format.</param>
    /// <param name="embeddingSize">E.</param>
    public static IEnumerable<(string Name, int[] Shape)> Shapes(string prefix, SequenceFormat format, int further, int embeddingSize) =>
        format.Kind == StepKind.Tokens ? [(prefix + Name, [format.Size + further, embeddingSize])] : [];

    /// <summary>[T,B,I] the vectors: in the workspace, or the frames themselves.</summary>
    public float* Forward(SequenceShape shape, StepBlock steps)
    {
        _shape = shape;
        _tokens = steps.Tokens;
        if (_embedding is null)
            return steps.Frames;
        float* vectors = _context.Workspace.Allocate((long)shape.Rows * _size);
        _embedding.Forward(_tokens, shape.Rows, vectors);
        return vectors;
    }

    /// <summary>Room for the gradient of the vectors, or <c>null</c> where it is not wanted.</summary>
    public float* AllocateGradient() => Learns ? _context.Workspace.Allocate((long)_shape.Rows * _size) : null;

    /// <summary>Hands the gradient of the vectors of the last <see cref="Forward"/> on to the embeddings.</summary>
    public void Backward(float* gradient) => _embedding?.Backward(_tokens, _shape.Rows, gradient);
}
