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
    public static long PackingLength(int depth) => TileAt(ColumnBlock, depth);

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
    /// <param name="nextRows">B of the next block, not yet packed, to be brought near; <c>null</c>: there is none.</param>
    /// <param name="nextStride">Floats from one of its rows to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<L>(
        float* a, nint stride, int depth, int width, float* packed, int columns, float* c, nint resultStride, float* sums, float* packing, float* nextRows, nint nextStride)
        where L : struct, ILanes<L>
    {
        int blocks = (width + ColumnBlock - 1) / ColumnBlock, block = ((width + blocks - 1) / blocks + 11) / 12 * 12;
        for (int first = 0; first < width; first += block)
        {
            int count = Math.Min(block, width - first);
            bool last = first + count == width;
            Pack<L>(a + first, stride, depth, count, sums is null ? null : sums + first, packing);
            for (int column = 0; column < columns; column += PackedMatrix.PanelWidth)
            {
                // What will be packed next lies in memory, a page a row. Tiles ask for it, each for a line's width of all rows: those of the last panel for A's next columns or rows, the others for B's next rows.
                bool lastPanel = column + PackedMatrix.PanelWidth >= columns;
                var (line, lines) = lastPanel
                    ? (new MatrixTiles.Ahead(last ? a + depth * stride : a + first + count, stride), block / 16)
                    : (new MatrixTiles.Ahead(nextRows, nextStride), last && nextRows is not null ? columns / 16 : 0);
                float* panel = packed + (nint)column * depth;
                for (int m = 0; m < count; lines--)
                {
                    int height = MatrixProduct.TileHeight<L>(count - m);
                    float* cells = c + (first + m) * resultStride + column, tile = packing + TileAt(m, depth);
                    if (m + height < count)
                        Prefetch(cells + height * resultStride, resultStride, height);
                    var ahead = lines > 0 ? line : new MatrixTiles.Ahead(panel, 0);
                    var operands = new MatrixTiles.Operands(depth, 1, height, PackedMatrix.PanelWidth, 0, resultStride, resultStride);
                    if (height == 12 && columns - column >= PackedMatrix.PanelWidth)
                        MatrixTiles.Tile12x2<L>(operands, tile, panel, cells, cells, ahead);
                    else
                        MatrixProduct.Strip<L>(operands, tile, height, packed, depth, 0, columns, column, cells, cells, false);
                    line = line.Next;
                    m += height;
                }
            }
        }
    }

    /// <summary>Where the tile of the packed columns from <paramref name="m"/> on begins. Whole tiles stand a line further apart than they are long: a multiple of 4 KiB would put them into the same sets of the first cache.</summary>
    private static nint TileAt(int m, int depth) => (nint)m * depth + m / 12 * 16;

    /// <summary>Tile after tile, k after k, the tile's columns of A. A row at a time, so that A is read from front to back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack<L>(float* a, nint stride, int depth, int count, float* sums, float* packing)
        where L : struct, ILanes<L>
    {
        for (int k = 0; k < depth; k++, a += stride)
        {
            if (sums is not null)
                Elementwise.Add<L>(a, sums, count);
            float* destination = packing;
            int m = 0;
            if (k + 1 < depth && L.WideTiles)
            {
                // Sixteen lanes are stored for twelve: the four too many are overwritten by the next row.
                for (; count - m >= 20; m += 12, destination += TileAt(12, depth))
                    L.Store(L.Load(a + m), destination + k * 12);
            }

            while (m < count)
            {
                int height = MatrixProduct.TileHeight<L>(count - m);
                CopyFours(a + m, destination + k * height, height);
                m += height;
                destination = packing + TileAt(m, depth);
            }
        }
    }

    /// <summary>Copies up to twelve floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyFours(float* source, float* destination, int count)
    {
        int i = 0;
        for (; i + 4 <= count; i += 4)
            Vector128.Store(Vector128.Load(source + i), destination + i);
        for (; i < count; i++)
            destination[i] = source[i];
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
