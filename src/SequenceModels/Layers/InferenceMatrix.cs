using SequenceModels.Kernels;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// The right factor B [K,N] of a layer's product at the precision that the model was loaded with: the packed floats themselves, or, once lowered, bfloat16 or 8-bit integers in the same panels.
/// A row's result does not depend on the rows beside it, nor on how columns are shared out.
/// </summary>
internal sealed unsafe class InferenceMatrix(PackedMatrix packed) : IDisposable
{
    private WeightPrecision _precision;
    private bool _dropped;
    private NativeBuffer? _panels;
    private NativeBuffer? _scales;

    /// <summary>Bytes held.</summary>
    public long Bytes => _dropped ? 0 : sizeof(float) * (_panels is null ? packed.Length : _panels.Length + (_scales?.Length ?? 0));

    /// <summary>
    /// c[m,n] = initial[n] + sum over k of a[m,k] b[k,n] for <paramref name="columns"/> columns from <paramref name="firstColumn"/> on. Rows of c and the initial values are whole groups of 16 columns.
    /// </summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="a">A [M,K].</param>
    /// <param name="rowStride">Floats from one row of A to the next.</param>
    /// <param name="rows">M.</param>
    /// <param name="initial">[N] what the sums of each row begin with, or <c>null</c>: 0.</param>
    /// <param name="c">C [M,N]; not overlapping A.</param>
    /// <param name="resultStride">Floats from one row of C to the next.</param>
    /// <param name="firstColumn">A whole number of panels.</param>
    /// <param name="columns">Columns to compute.</param>
    public void Run(KernelSet kernels, float* a, nint rowStride, int rows, float* initial, float* c, nint resultStride, int firstColumn, int columns)
    {
        int depth = packed.Depth;
        initial = initial is null ? null : initial + firstColumn;
        switch (_precision)
        {
            case WeightPrecision.Bfloat16:
                kernels.Bfloat16Product(a, rowStride, rows, depth, Panels(firstColumn, depth), columns, initial, c + firstColumn, resultStride);
                break;
            case WeightPrecision.Int8:
                kernels.Int8Product(a, rowStride, rows, depth, Panels(firstColumn, (depth + 1) & ~1), _scales!.Pointer + firstColumn, columns, initial, c + firstColumn, resultStride);
                break;
            default:
                kernels.Product(a, rowStride, 1, rows, depth, packed.Pointer + (nint)firstColumn * depth, columns, initial, 0, c + firstColumn, resultStride, true);
                break;
        }
    }

    /// <summary>Keeps the weights at a lower precision and lets the floats go.</summary>
    public void Lower(WeightPrecision precision)
    {
        if (precision == WeightPrecision.Float32 || _precision != WeightPrecision.Float32)
            return;
        int padded = PackedMatrix.PaddedColumns(packed.Columns);
        if (precision == WeightPrecision.Bfloat16)
        {
            _panels = new NativeBuffer((packed.Length + 1) / 2);
            WeightRounding.ToBfloat16(packed.Pointer, packed.Length, (ushort*)_panels.Pointer);
        }
        else
        {
            _panels = new NativeBuffer((long)padded * ((packed.Depth + 1) & ~1) / sizeof(float));
            _scales = new NativeBuffer(padded);
            WeightRounding.ToInt8(packed.Pointer, packed.Depth, padded, (sbyte*)_panels.Pointer, _scales.Pointer);
        }

        _precision = precision;
        packed.Dispose();
    }

    /// <summary>Lets the weights go: nothing is multiplied with them any more.</summary>
    public void Drop()
    {
        _dropped = true;
        Dispose();
    }

    public void Dispose()
    {
        packed.Dispose();
        _panels?.Dispose();
        _scales?.Dispose();
    }

    // Two bytes a column and k, or a column and pair of k.
    private byte* Panels(int firstColumn, int depth) => (byte*)_panels!.Pointer + (nint)firstColumn * depth * (_precision == WeightPrecision.Bfloat16 ? 2 : 1);
}
