using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// The parameters of y = W x + b (PyTorch's <c>Linear</c>: weight [N,K], bias [N]) and the packed copies that the kernels read.
/// Outputs are padded to whole groups of 16; a padded output is minus infinity, so that a softmax passes it over.
/// </summary>
internal sealed unsafe class LinearWeights : IDisposable
{
    private readonly NativeBuffer _bias;

    public LinearWeights(ParameterSet parameters, string name)
    {
        Weight = parameters[$"{name}.weight"];
        Bias = parameters[$"{name}.bias"];
        (Outputs, Inputs) = (Weight.Shape[0], Weight.Shape[1]);
        Stride = PackedMatrix.PaddedColumns(Outputs);
        Forward = new PackedMatrix(Inputs, Outputs);
        Product = new InferenceMatrix(Forward);
        _bias = new NativeBuffer(Stride);
        new Span<float>(_bias.Pointer, Stride).Fill(float.NegativeInfinity);
    }

    public Parameter Weight { get; }

    public Parameter Bias { get; }

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

    /// <summary>[Stride], minus infinity past N.</summary>
    public float* PaddedBias => _bias.Pointer;

    /// <summary>Bytes held in packed copies.</summary>
    public long PackedBytes => Product.Bytes + sizeof(float) * (Backward?.Length ?? 0);

    public static IEnumerable<(string Name, int[] Shape)> Shapes(string name, int inputs, int outputs) =>
        [($"{name}.weight", [outputs, inputs]), ($"{name}.bias", [outputs])];

    /// <summary>Copies the parameters into the packed form.</summary>
    public void Pack(bool backward)
    {
        Forward.Pack(Weight.Value, 1, Inputs);
        Memory.Copy(Bias.Value, PaddedBias, Outputs);
        if (!backward)
            return;
        Backward ??= new PackedMatrix(Outputs, Inputs);
        Backward.Pack(Weight.Value, Inputs, 1);
    }

    public void Dispose()
    {
        Product.Dispose();
        Backward?.Dispose();
        _bias.Dispose();
    }
}
