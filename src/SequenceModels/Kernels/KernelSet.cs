using System.Runtime.Intrinsics;

namespace SequenceModels.Kernels;

/// <summary>
/// The kernels at one vector width. All widths give the same bits; <see cref="Best"/> is the widest that the processor has.
/// </summary>
internal abstract unsafe partial class KernelSet
{
    /// <summary>Environment variable that forces a width: 1, 4, 8 or 16 lanes.</summary>
    public const string ForcedWidthVariable = "SEQUENCEMODELS_SIMD_LANES";

    /// <summary>The widest kernels that the processor has, unless <see cref="ForcedWidthVariable"/> names others.</summary>
    public static KernelSet Best { get; } = For(ForcedWidth() ?? WidestWidth());

    public abstract SimdWidth Width { get; }

    /// <summary>The kernels of one width; a width that the processor lacks works too, in software.</summary>
    public static KernelSet For(SimdWidth width) => width switch
    {
        SimdWidth.Vector512 => new KernelSet<Lanes512>(width),
        SimdWidth.Vector256 => new KernelSet<Lanes256>(width),
        SimdWidth.Vector128 => new KernelSet<Lanes128>(width),
        _ => new KernelSet<LanesScalar>(width),
    };

    /// <inheritdoc cref="MatrixProduct.Run"/>
    public abstract void Product(
        float* a, nint rowStride, nint depthStride, int rows, int depth, float* packed, int columns, float* initial, nint initialStride, float* c, nint resultStride, bool padded);

    /// <inheritdoc cref="TallProduct.Run"/>
    public abstract void TallProduct(
        float* a, nint stride, int depth, int width, float* packed, int columns, float* c, nint resultStride, float* sums, float* packing, float* nextRows, nint nextStride);

    /// <summary>The elementwise part of LSTM cells.</summary>
    public abstract CellKernels Lstm { get; }

    /// <summary>The elementwise part of GRU cells.</summary>
    public abstract CellKernels Gru { get; }

    /// <summary>The elementwise part of vanilla RNN cells with tanh.</summary>
    public abstract CellKernels Tanh { get; }

    /// <summary>The elementwise part of vanilla RNN cells with a rectifier.</summary>
    public abstract CellKernels Relu { get; }

    /// <summary>The elementwise part of GRU cells that reset before the product: gates.</summary>
    public abstract CellKernels GruReset { get; }

    /// <summary>The elementwise part of GRU cells that reset before the product: candidate and new state.</summary>
    public abstract CellKernels GruCandidate { get; }

    /// <summary>The elementwise part of LSTM cells with peepholes.</summary>
    public abstract CellKernels PeepholeLstm { get; }

    /// <summary>All but the products of LSTM cells that normalise products and output.</summary>
    public abstract CellKernels LayerNormLstm { get; }

    /// <summary>All but the products of LSTM cells that normalise products and cell state.</summary>
    public abstract CellKernels LayerNormCellLstm { get; }

    /// <summary>All but the products of LSTM cells that normalise gates and output.</summary>
    public abstract CellKernels LayerNormGatesLstm { get; }

    /// <inheritdoc cref="RowNormalization.Forward"/>
    public abstract void NormalizeRows(float* values, nint stride, int rows, int columns, int count, float* parameters, float* scales, float* result, nint resultStride);

    /// <inheritdoc cref="RowNormalization.Backward"/>
    public abstract void NormalizeRowsBackward(float* gradient, nint stride, int rows, int columns, int count, float* parameters, float* scales, float* normal, float* sums);

    /// <inheritdoc cref="Softmax.Forward"/>
    public abstract float SoftmaxForward(float* logits, float* probabilities, int stride);

    /// <inheritdoc cref="Elementwise.SumOfSquares"/>
    public abstract float SumOfSquares(float* x, long length);

    /// <inheritdoc cref="Elementwise.Add"/>
    public abstract void Add(float* source, float* destination, long length);

    /// <inheritdoc cref="Elementwise.Multiply"/>
    public abstract void Multiply(float* source, float* factors, float* destination, long length);

    /// <inheritdoc cref="Elementwise.Maximum"/>
    public abstract void Maximum(float* source, float* best, float* where, float mark, long length);

    /// <inheritdoc cref="Elementwise.Scale"/>
    public abstract void Scale(float factor, float* values, long length);

    /// <inheritdoc cref="Elementwise.Map"/>
    public abstract void Map(ElementwiseFunction function, float* source, float* destination, long length);

    /// <inheritdoc cref="AdamUpdate.Run"/>
    public abstract void Adam(float* values, float* gradients, float* first, float* second, long length, in AdamUpdate.Constants constants);

    /// <inheritdoc cref="AdamVariantUpdate.Run"/>
    public abstract void AdamVariant(
        float* values, float* gradients, float* first, float* second, float* largest, long length, in AdamUpdate.Constants constants, in AdamVariantUpdate.Constants variant);

    private static SimdWidth WidestWidth() =>
        Vector512.IsHardwareAccelerated ? SimdWidth.Vector512 : Vector256.IsHardwareAccelerated ? SimdWidth.Vector256 : SimdWidth.Vector128;

    private static SimdWidth? ForcedWidth() =>
        Environment.GetEnvironmentVariable(ForcedWidthVariable) is not { Length: > 0 } text
            ? null
            : int.TryParse(text, out int lanes) && Enum.IsDefined((SimdWidth)lanes)
                ? (SimdWidth)lanes
                : throw new InvalidOperationException($"{ForcedWidthVariable} is '{text}'; it can be 1, 4, 8 or 16.");
}

/// <summary>The kernels over one implementation of the sixteen lanes.</summary>
internal sealed unsafe partial class KernelSet<L>(SimdWidth width) : KernelSet
    where L : struct, ILanes<L>
{
    public override SimdWidth Width => width;

    public override CellKernels Lstm { get; } = new CellKernels<L, LstmCell>();

    public override CellKernels Gru { get; } = new CellKernels<L, GruCell>();

    public override CellKernels Tanh { get; } = new CellKernels<L, TanhCell>();

    public override CellKernels Relu { get; } = new CellKernels<L, ReluCell>();

    public override CellKernels GruReset { get; } = new CellKernels<L, GruResetCell>();

    public override CellKernels GruCandidate { get; } = new CellKernels<L, GruCandidateCell>();

    public override CellKernels PeepholeLstm { get; } = new CellKernels<L, PeepholeLstmCell>();

    public override CellKernels LayerNormLstm { get; } = new LayerNormLstmKernels<L, NormalProductsAndOutput>();

    public override CellKernels LayerNormCellLstm { get; } = new LayerNormLstmKernels<L, NormalProductsAndCell>();

    public override CellKernels LayerNormGatesLstm { get; } = new LayerNormLstmKernels<L, NormalGatesAndOutput>();

    public override void NormalizeRows(float* values, nint stride, int rows, int columns, int count, float* parameters, float* scales, float* result, nint resultStride) =>
        RowNormalization.Forward<L>(values, stride, rows, columns, count, parameters, scales, result, resultStride);

    public override void NormalizeRowsBackward(float* gradient, nint stride, int rows, int columns, int count, float* parameters, float* scales, float* normal, float* sums) =>
        RowNormalization.Backward<L>(gradient, stride, rows, columns, count, parameters, scales, normal, sums);

    public override void Product(
        float* a, nint rowStride, nint depthStride, int rows, int depth, float* packed, int columns, float* initial, nint initialStride, float* c, nint resultStride, bool padded) =>
        MatrixProduct.Run<L>(a, rowStride, depthStride, rows, depth, packed, columns, initial, initialStride, c, resultStride, padded);

    public override void TallProduct(
        float* a, nint stride, int depth, int width, float* packed, int columns, float* c, nint resultStride, float* sums, float* packing, float* nextRows, nint nextStride) =>
        Kernels.TallProduct.Run<L>(a, stride, depth, width, packed, columns, c, resultStride, sums, packing, nextRows, nextStride);

    public override float SoftmaxForward(float* logits, float* probabilities, int stride) => Softmax.Forward<L>(logits, probabilities, stride);

    public override float SumOfSquares(float* x, long length) => Elementwise.SumOfSquares<L>(x, length);

    public override void Add(float* source, float* destination, long length) => Elementwise.Add<L>(source, destination, length);

    public override void Multiply(float* source, float* factors, float* destination, long length) => Elementwise.Multiply<L>(source, factors, destination, length);

    public override void Maximum(float* source, float* best, float* where, float mark, long length) => Elementwise.Maximum<L>(source, best, where, mark, length);

    public override void Scale(float factor, float* values, long length) => Elementwise.Scale<L>(factor, values, length);

    public override void Map(ElementwiseFunction function, float* source, float* destination, long length) => Elementwise.Map<L>(function, source, destination, length);

    public override void Adam(float* values, float* gradients, float* first, float* second, long length, in AdamUpdate.Constants constants) =>
        AdamUpdate.Run<L>(values, gradients, first, second, length, constants);

    public override void AdamVariant(
        float* values, float* gradients, float* first, float* second, float* largest, long length, in AdamUpdate.Constants constants, in AdamVariantUpdate.Constants variant) =>
        AdamVariantUpdate.Run<L>(values, gradients, first, second, largest, length, constants, variant);
}
