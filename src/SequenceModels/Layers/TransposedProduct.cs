using SequenceModels.Kernels;

namespace SequenceModels.Layers;

/// <summary>Rows of gate gradients: the left factor, transposed, of a weight gradient.</summary>
/// <param name="Values">[rows, RowStride]; gate g of unit j in column g x GateStride + j.</param>
/// <param name="RowStride">Floats from one row to the next.</param>
/// <param name="GateStride">Floats from one gate to the next.</param>
/// <param name="Units">H, units of a gate.</param>
/// <param name="Rows">T x B.</param>
internal readonly unsafe record struct GatedGradient(nint Values, int RowStride, int GateStride, int Units, int Rows)
{
    public GatedGradient(float* values, int rowStride, int gateStride, int units, int rows)
        : this((nint)values, rowStride, gateStride, units, rows)
    {
    }

    /// <summary>Gates of a row.</summary>
    public int Gates => RowStride / GateStride;
}

/// <summary>
/// The tall product of a weight gradient, dW += sum over rows r of d_r x_r^T, in blocks of rows small enough for the cache.
/// Each element is one chain over all rows in order, so neither blocks nor shares change its bits.
/// </summary>
internal static unsafe class TransposedProduct
{
    /// <summary>Rows summed over at a time.</summary>
    public const int DepthBlock = 256;
    private const int Grain = 12;

    /// <summary>Adds a member's rows of dW.</summary>
    /// <param name="context">Kernels and team.</param>
    /// <param name="member">Number of the team's member.</param>
    /// <param name="left">d.</param>
    /// <param name="right">[rows, columns] x.</param>
    /// <param name="rightStride">Floats from one row of x to the next.</param>
    /// <param name="columns">Columns of x and of dW.</param>
    /// <param name="gradient">[gates x units, columns] dW, added to.</param>
    /// <param name="packing">Room for one packed block of x.</param>
    public static void AddShare(ComputeContext context, int member, in GatedGradient left, float* right, int rightStride, int columns, float* gradient, float* packing)
    {
        var (start, end) = context.Team.Share(member, left.Gates * left.Units, Grain);
        if (start < end)
            AddRows(context, start, end, left, right, rightStride, columns, gradient, packing);
    }

    /// <summary>As <see cref="AddShare"/>, all rows of dW by the caller.</summary>
    public static void AddAll(ComputeContext context, in GatedGradient left, float* right, int rightStride, int columns, float* gradient, float* packing) =>
        AddRows(context, 0, left.Gates * left.Units, left, right, rightStride, columns, gradient, packing);

    private static void AddRows(ComputeContext context, int start, int end, in GatedGradient left, float* right, int rightStride, int columns, float* gradient, float* packing)
    {
        for (int block = 0; block < left.Rows; block += DepthBlock)
        {
            int depth = Math.Min(DepthBlock, left.Rows - block);
            PackedMatrix.PackRows(packing, right + (long)block * rightStride, rightStride, depth, columns);
            for (int row = start; row < end;)
            {
                int gate = row / left.Units, unit = row % left.Units, count = Math.Min(left.Units - unit, end - row);
                float* from = (float*)left.Values + (long)block * left.RowStride + gate * left.GateStride + unit;
                float* to = gradient + (long)row * columns;
                context.Kernels.Product(from, 1, left.RowStride, count, depth, packing, columns, to, columns, to, columns, false);
                row += count;
            }
        }
    }
}
