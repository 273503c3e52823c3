using SequenceModels.Kernels;

namespace SequenceModels.Layers;

/// <summary>Gradients of pre-activations at all rows T x B: the left factor, transposed, of a weight gradient.</summary>
/// <param name="Values">[rows, RowStride], at the first block; unit j of block b in column b x BlockStride + j.</param>
/// <param name="RowStride">Floats from one row to the next.</param>
/// <param name="BlockStride">Floats from one block to the next.</param>
/// <param name="Units">H, units of a block.</param>
/// <param name="Rows">T x B.</param>
/// <param name="Order">The gate of the weight that each block belongs to.</param>
internal readonly unsafe record struct BlockGradient(nint Values, int RowStride, int BlockStride, int Units, int Rows, int[] Order)
{
    public BlockGradient(float* values, int rowStride, int blockStride, int units, int rows, int[] order)
        : this((nint)values, rowStride, blockStride, units, rows, order)
    {
    }
}

/// <summary>
/// The tall product of a weight gradient, dW += sum over rows r of d_r x_r^T, in blocks of rows small enough for the cache.
/// Each element is one chain over all rows in order, so neither blocks nor shares change its bits.
/// </summary>
internal static unsafe class TransposedProduct
{
    /// <summary>Rows summed over at a time.</summary>
    public const int DepthBlock = 256;
    private const int Grain = 4;

    /// <summary>Floats of memory that a member works in.</summary>
    /// <param name="columns">Columns of x.</param>
    public static long PackingLength(int columns) => PackedMatrix.Size(DepthBlock, columns) + TallProduct.PackingLength(DepthBlock);

    /// <summary>Adds a member's rows of dW, and of db = sum over rows of d_r.</summary>
    /// <param name="context">Kernels and team.</param>
    /// <param name="member">Number of the team's member.</param>
    /// <param name="left">d.</param>
    /// <param name="right">[rows, columns] x.</param>
    /// <param name="rightStride">Floats from one row of x to the next.</param>
    /// <param name="columns">Columns of x and of dW.</param>
    /// <param name="gradient">[gates x units, columns] dW, added to.</param>
    /// <param name="sums">[gates x units] db, added to; <c>null</c>: not wanted.</param>
    /// <param name="packing">[<see cref="PackingLength"/>] memory of the member.</param>
    public static void AddShare(ComputeContext context, int member, in BlockGradient left, float* right, int rightStride, int columns, float* gradient, float* sums, float* packing)
    {
        var (start, end) = context.Team.Share(member, left.Order.Length * left.Units, Grain);
        if (start < end)
            AddRows(context.Kernels, start, end, left, right, rightStride, columns, gradient, sums, packing);
    }

    /// <summary>The rows of dW, blocks in their order, from <paramref name="start"/> to before <paramref name="end"/>.</summary>
    private static void AddRows(
        KernelSet kernels, int start, int end, in BlockGradient left, float* right, int rightStride, int columns, float* gradient, float* sums, float* packing)
    {
        float* tiles = packing + PackedMatrix.Size(DepthBlock, columns);
        bool contiguous = left.Units == left.BlockStride && IsIdentity(left.Order);
        for (int rows = 0; rows < left.Rows; rows += DepthBlock)
        {
            int depth = Math.Min(DepthBlock, left.Rows - rows);
            PackedMatrix.PackRows(packing, right + (long)rows * rightStride, rightStride, depth, columns);
            for (int row = start; row < end;)
            {
                int block = row / left.Units, unit = row % left.Units;
                int count = contiguous ? end - row : Math.Min(left.Units - unit, end - row);
                float* from = (float*)left.Values + (long)rows * left.RowStride + block * left.BlockStride + unit;
                long to = (long)left.Order[block] * left.Units + unit;
                kernels.TallProduct(from, left.RowStride, depth, count, packing, columns, gradient + to * columns, columns, sums is null ? null : sums + to, tiles, right + (long)(rows + depth) * rightStride, rightStride);
                row += count;
            }
        }
    }

    private static bool IsIdentity(int[] order)
    {
        for (int i = 0; i < order.Length; i++)
        {
            if (order[i] != i)
                return false;
        }

        return true;
    }
}
