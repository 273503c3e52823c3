using SequenceModels.Kernels;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// The parameters of y = W x + b (PyTorch's <c>Linear</c>: weight [N,K], bias [N]) and the packed copies that the kernels read.
/// Outputs are padded to whole groups of 16; a padded output of an output layer is minus infinity, so that a softmax passes it over.
/// </summary>
internal sealed unsafe class LinearWeights : IDisposable
{
    /// <summary>Name of the weight [E,H] between states and tied embeddings.</summary>
    public const string ProjectionWeight = "proj.weight";
    private readonly NativeBuffer _bias;

    /// <summary>An output layer. Without a weight of its own its weight is the embedding, behind a projection if there is one (docs/equations.md, 8.10 and 8.11).</summary>
    /// <param name="parameters">The network's parameters.</param>
    /// <param name="name">The layer's name.</param>
    public LinearWeights(ParameterSet parameters, string name)
        : this(parameters.Find($"{name}.weight") ?? parameters["embedding.weight"], parameters[$"{name}.bias"], float.NegativeInfinity)
    {
        if (parameters.Find($"{name}.weight") is null && parameters.Find(ProjectionWeight) is { } projection)
            Projection = new LinearWeights(projection, null, 0);
    }

    private LinearWeights(Parameter weight, Parameter? bias, float padding)
    {
        (Weight, Bias) = (weight, bias);
        (Outputs, Inputs) = (Weight.Shape[0], Weight.Shape[1]);
        Stride = PackedMatrix.PaddedColumns(Outputs);
        Forward = new PackedMatrix(Inputs, Outputs);
        Product = new InferenceMatrix(Forward);
        _bias = new NativeBuffer(Stride);
        new Span<float>(_bias.Pointer + Outputs, Stride - Outputs).Fill(padding);
    }

    public Parameter Weight { get; }

    /// <summary>[N]; <c>null</c>: there is none.</summary>
    public Parameter? Bias { get; }

    /// <summary>What stands before the layer: [E,H] of tied embeddings of another size than the states; <c>null</c>: nothing.</summary>
    public LinearWeights? Projection { get; }

    /// <summary>K.</summary>
    public int Inputs { get; }

    /// <summary>N.</summary>
    public int Outputs { get; }

    /// <summary>N rounded up to 16.</summary>
    public int Stride { get; }

    /// <summary>[K,N].</summary>
    public PackedMatrix Forward { get; }

    /// <summary>The product with <see cref="Forward"/>, or with what it was lowered to.</summary>
    public InferenceMatrix Product { get; }

    /// <summary>[N,K].</summary>
    public PackedMatrix? Backward { get; private set; }

    /// <summary>[Stride], past N minus infinity or, in the middle of a network, 0.</summary>
    public float* PaddedBias => _bias.Pointer;

    /// <summary>Bytes held in packed copies.</summary>
    public long PackedBytes => Product.Bytes + sizeof(float) * (Backward?.Length ?? 0) + (Projection?.PackedBytes ?? 0);

    public static IEnumerable<(string Name, int[] Shape)> Shapes(string name, int inputs, int outputs) =>
        [($"{name}.weight", [outputs, inputs]), ($"{name}.bias", [outputs])];

    /// <summary>As <see cref="Shapes"/>, with the embedding for a weight.</summary>
    public static IEnumerable<(string Name, int[] Shape)> TiedShapes(string name, int inputs, int embeddingSize, int outputs) =>
        inputs == embeddingSize ? [($"{name}.bias", [outputs])] : [(ProjectionWeight, [embeddingSize, inputs]), ($"{name}.bias", [outputs])];

    /// <summary>A layer in the middle of a network.</summary>
    public static LinearWeights Inner(ParameterSet parameters, string name) => new(parameters[$"{name}.weight"], parameters.Find($"{name}.bias"), 0);

    /// <summary>Copies the parameters into the packed form.</summary>
    public void Pack(bool backward)
    {
        Projection?.Pack(backward);
        Forward.Pack(Weight.Value, 1, Inputs);
        if (Bias is not null)
            Memory.Copy(Bias.Value, PaddedBias, Outputs);
        if (!backward)
            return;
        Backward ??= new PackedMatrix(Outputs, Inputs);
        Backward.Pack(Weight.Value, Inputs, 1);
    }

    /// <summary>Keeps the packed weights at a lower precision, for inference alone.</summary>
    public void Lower(WeightPrecision precision)
    {
        Product.Lower(precision);
        Projection?.Lower(precision);
    }

    public void Dispose()
    {
        Projection?.Dispose();
        Product.Dispose();
        Backward?.Dispose();
        _bias.Dispose();
    }
}
