using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SequenceModels.Kernels;

/// <summary>
/// The product of a weight gradient: C += A^T B over a block of rows, with the column sums of A (the bias gradient) on the way. A's columns lie far apart from row to row, so they
/// are copied into tiles first, in the order in which the product reads them.
/// </summary>
internal static unsafe class TallProduct
{
    /// <summary>Columns of A that are packed at a time: with 256 rows, 480 KiB in the second cache.</summary>
    private const int ColumnBlock = 480;

    /// <summary>Floats of packing memory for a block of so many rows.</summary>
    public static long PackingLength(int depth) => (long)ColumnBlock * depth;

    /// <summary>
    /// c[m,n] += sum over k of a[k,m] b[k,n] and sums[m] += sum over k of a[k,m], each a chain in the order of k.
    /// </summary>
    /// <param name="a">A [K,M].</param>
    /// <param name="stride">Floats from one row of A to the next.</param>
    /// <param name="depth">K, rows.</param>
    /// <param name="width">M, columns of A.</param>
    /// <param name="packed">B [K,N] as <see cref="PackedMatrix"/> lays it out.</param>
    /// <param name="columns">N.</param>
    /// <param name="c">C [M,N], added to.</param>
    /// <param name="resultStride">Floats from one row of C to the next.</param>
    /// <param name="sums">[M], added to, or <c>null</c>.</param>
    /// <param name="packing">[<see cref="PackingLength"/>] memory to work in.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<L>(float* a, nint stride, int depth, int width, float* packed, int columns, float* c, nint resultStride, float* sums, float* packing)
        where L : struct, ILanes<L>
    {
        for (int first = 0; first < width; first += ColumnBlock)
        {
            int count = Math.Min(ColumnBlock, width - first);
            Pack<L>(a + first, stride, depth, count, sums is null ? null : sums + first, packing);
            for (int column = 0; column < columns; column += PackedMatrix.PanelWidth)
            {
                for (int m = 0; m < count;)
                {
                    int height = MatrixProduct.TileHeight<L>(count - m);
                    float* cells = c + (first + m) * resultStride + column;
                    if (m + height < count)
                        Prefetch(cells + height * resultStride, resultStride, height);
                    var operands = new MatrixTiles.Operands(depth, 1, height, PackedMatrix.PanelWidth, 0, resultStride, resultStride);
                    MatrixProduct.Strip<L>(operands, packing + (nint)m * depth, height, packed, depth, 0, columns, column, cells, cells, false);
                    m += height;
                }
            }
        }
    }

    /// <summary>Tile after tile, k after k, the tile's columns of A. Sixteen k at a time, so that a line of A is used whole while it is near.</summary>
    private static void Pack<L>(float* a, nint stride, int depth, int count, float* sums, float* packing)
        where L : struct, ILanes<L>
    {
        for (int block = 0; block < depth; block += 16)
        {
            int end = Math.Min(block + 16, depth);
            for (int m = 0; m < count;)
            {
                int height = MatrixProduct.TileHeight<L>(count - m);
                float* destination = packing + (nint)m * depth;
                int part = 0;
                for (; part + 4 <= height; part += 4)
                    PackFour(a + m + part, stride, block, end, height, destination + part, sums is null ? null : sums + m + part);
                for (; part < height; part++)
                    PackOne(a + m + part, stride, block, end, height, destination + part, sums is null ? null : sums + m + part);
                m += height;
            }
        }
    }

    private static void PackFour(float* a, nint stride, int start, int end, int height, float* destination, float* sums)
    {
        if (sums is null)
        {
            for (int k = start; k < end; k++)
                Vector128.Store(Vector128.Load(a + k * stride), destination + k * height);
            return;
        }

        var total = Vector128.Load(sums);
        for (int k = start; k < end; k++)
        {
            var value = Vector128.Load(a + k * stride);
            total += value;
            Vector128.Store(value, destination + k * height);
        }

        Vector128.Store(total, sums);
    }

    private static void PackOne(float* a, nint stride, int start, int end, int height, float* destination, float* sum)
    {
        for (int k = start; k < end; k++)
        {
            float value = a[k * stride];
            destination[k * height] = value;
            if (sum is not null)
                *sum += value;
        }
    }

    /// <summary>Brings a tile's 32 columns of C near while the tile before is computed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* cells, nint stride, int height)
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < height; i++)
        {
            Sse.Prefetch0(cells + i * stride);
            Sse.Prefetch0(cells + i * stride + 16);
        }
    }
}
