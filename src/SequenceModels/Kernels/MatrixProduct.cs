using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// C = initial + A B for a packed B, cut into the tiles of <see cref="MatrixTiles"/>. Three levels of blocking keep what is used again close to the core: a block of A's rows
/// stays in the second cache while all panels of B pass by, a block of a panel in the first cache while all tiles of those rows pass by, sums in registers.
/// A later block of k goes on from the sums that the one before stored, so no block size changes a bit.
/// </summary>
internal static unsafe class MatrixProduct
{
    /// <summary>Of k, taken at a time: 32 columns of so many rows are 32 KiB.</summary>
    private const int DepthBlock = 256;

    /// <summary>Floats of A in a block of rows: 384 KiB.</summary>
    private const int BlockLength = 96 << 10;

    /// <summary>
    /// c[m,n] = initial[m,n] + sum over k of a[m,k] b[k,n], a chain of fused multiply-adds in the order of k. Overwrites c; where initial is c itself, adds to it.
    /// </summary>
    /// <param name="a">A [M,K]: element (m, k) at m x <paramref name="rowStride"/> + k x <paramref name="depthStride"/>.</param>
    /// <param name="rowStride">Floats from one row of A to the next.</param>
    /// <param name="depthStride">Floats from one k of A to the next.</param>
    /// <param name="rows">M.</param>
    /// <param name="depth">K.</param>
    /// <param name="packed">B [K,N] as <see cref="PackedMatrix"/> lays it out.</param>
    /// <param name="columns">N.</param>
    /// <param name="initial">What the sums begin with; <c>null</c>: 0.</param>
    /// <param name="initialStride">Floats from one row of initial values to the next; 0: one row serves all.</param>
    /// <param name="c">C [M,N]; not overlapping A and B.</param>
    /// <param name="resultStride">Floats from one row of C to the next.</param>
    /// <param name="padded">Whether rows of C (and of initial) may be read and written up to N rounded up to 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<L>(
        float* a, nint rowStride, nint depthStride, int rows, int depth, float* packed, int columns, float* initial, nint initialStride, float* c, nint resultStride, bool padded)
        where L : struct, ILanes<L>
    {
        const int panel = PackedMatrix.PanelWidth;
        if (rows == 1)
        {
            var operands = new MatrixTiles.Operands(depth, rowStride, depthStride, panel, (nint)depth * panel, initialStride, resultStride);
            Row<L>(operands, a, packed, columns, initial, c, padded);
            return;
        }

        int rowBlock = depth <= DepthBlock ? 96 : Math.Clamp(BlockLength / depth / 12 * 12, 24, 96);
        for (int row = 0; row < rows; row += rowBlock)
        {
            int count = Math.Min(rowBlock, rows - row);
            float* cells = c + row * resultStride, start = initial is null ? null : initial + row * initialStride;
            for (int column = 0; column < columns; column += panel)
            {
                // The first block begins with the initial values; the others go on from what stands in C.
                int k = Math.Min(DepthBlock, depth);
                var operands = new MatrixTiles.Operands(k, rowStride, depthStride, panel, 0, initialStride, resultStride);
                Strip<L>(operands, a + row * rowStride, count, packed, depth, 0, columns, column, start is null ? null : start + column, cells + column, padded);
                for (; k < depth; k += DepthBlock)
                {
                    operands = new MatrixTiles.Operands(Math.Min(DepthBlock, depth - k), rowStride, depthStride, panel, 0, resultStride, resultStride);
                    Strip<L>(operands, a + row * rowStride + k * depthStride, count, packed, depth, k, columns, column, cells + column, cells + column, padded);
                }
            }
        }
    }

    /// <summary>All rows of C's columns from <paramref name="column"/> to the end of the panel, summed over the operands' part of k.</summary>
    /// <param name="o">Strides, and the length of the part.</param>
    /// <param name="a">First row of A at the part's first k.</param>
    /// <param name="rows">Rows of A.</param>
    /// <param name="packed">All of B.</param>
    /// <param name="packedDepth">K of all of B.</param>
    /// <param name="k">The part's first k.</param>
    /// <param name="columns">N of all of B.</param>
    /// <param name="column">The panel's first column.</param>
    /// <param name="initial">First row's initial value in that column, or <c>null</c>.</param>
    /// <param name="c">First row's result in that column.</param>
    /// <param name="padded">As in <see cref="Run"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strip<L>(
        in MatrixTiles.Operands o, float* a, int rows, float* packed, int packedDepth, int k, int columns, int column, float* initial, float* c, bool padded)
        where L : struct, ILanes<L>
    {
        int rest = columns - column, groups = rest > 16 ? 2 : 1, width = 16 * groups;
        float* b = packed + (nint)column * packedDepth + k * width;
        if (padded || rest >= width)
            Panel<L>(o with { PanelWidth = width }, a, rows, b, initial, c, groups);
        else
            Edge<L>(o with { PanelWidth = width }, a, rows, b, initial, c, rest, groups);
    }

    /// <summary>Rows of the tile that comes next when so many rows are left: of 12 as long as none but tiles of 12 and 8 follow.</summary>
    public static int TileHeight<L>(int rows)
        where L : struct, ILanes<L> => L.WideTiles ? WideTile(rows) : rows >= 6 ? 6 : 1;

    /// <summary>One row times all of B, panels side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<L>(in MatrixTiles.Operands o, float* a, float* packed, int columns, float* initial, float* c, bool padded)
        where L : struct, ILanes<L>
    {
        const int panel = PackedMatrix.PanelWidth;
        int column = 0;
        for (; column + 4 * panel <= columns; column += 4 * panel)
            MatrixTiles.Tile1x8<L>(o, a, packed + (nint)column * o.Depth, initial is null ? null : initial + column, c + column);
        for (; column < columns; column += panel)
            Strip<L>(o, a, 1, packed, o.Depth, 0, columns, column, initial is null ? null : initial + column, c + column, padded);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel<L>(in MatrixTiles.Operands o, float* a, int rows, float* b, float* initial, float* c, int groups)
        where L : struct, ILanes<L>
    {
        nint rs = o.RowStride, init = initial is null ? 0 : o.InitialStride, cs = o.ResultStride;
        int row = 0;
        if (groups == 2 && L.WideTiles)
        {
            // What the next block or panel will read follows in memory; the first two tiles bring it near, a line a k.
            nint block = o.Depth * o.PanelWidth;
            var ahead = new MatrixTiles.Ahead(b + block, 16);
            while (row < rows)
            {
                int tile = WideTile(rows - row);
                if (tile == 12)
                    MatrixTiles.Tile12x2<L>(o, a, b, initial, c, ahead);
                else if (tile == 8)
                    MatrixTiles.Tile8x2<L>(o, a, b, initial, c, ahead);
                else if (tile == 4)
                    MatrixTiles.Tile4x2<L>(o, a, b, initial, c);
                else
                    MatrixTiles.Tile1x2<L>(o, a, b, initial, c);
                if (row == 0)
                    ahead = new MatrixTiles.Ahead(b + block + 16 * o.Depth, 16);
                row += tile;
                a += tile * rs;
                initial += tile * init;
                c += tile * cs;
            }

            return;
        }

        while (row < rows)
        {
            int tile = rows - row >= 6 ? 6 : 1;
            if (tile == 6)
            {
                for (int g = 0; g < groups; g++)
                    MatrixTiles.Tile6x1<L>(o, a, b + 16 * g, initial is null ? null : initial + 16 * g, c + 16 * g);
            }
            else if (groups == 2)
            {
                MatrixTiles.Tile1x2<L>(o, a, b, initial, c);
            }
            else
            {
                MatrixTiles.Tile1x1<L>(o, a, b, initial, c);
            }

            row += tile;
            a += tile * rs;
            initial += tile * init;
            c += tile * cs;
        }
    }

    // Sixteen rows are better cut into 8 + 8 than into 12 + 4; 13 to 15 into 8 + 4 + singles than into 12 + singles.
    private static int WideTile(int rows) => rows switch
    {
        12 or >= 20 => 12,
        >= 8 => 8,
        >= 4 => 4,
        _ => 1,
    };

    /// <summary>A last panel whose columns past N belong to somebody else: computed beside, then copied.</summary>
    private static void Edge<L>(in MatrixTiles.Operands o, float* a, int rows, float* b, float* initial, float* c, int columns, int groups)
        where L : struct, ILanes<L>
    {
        const int block = 12;
        const int width = PackedMatrix.PanelWidth;
        float* scratch = stackalloc float[block * width];
        for (int row = 0; row < rows; row += block)
        {
            int count = Math.Min(block, rows - row);
            if (initial is not null)
            {
                for (int i = 0; i < count; i++)
                {
                    new Span<float>(scratch + i * width, width).Clear();
                    new ReadOnlySpan<float>(initial + (row + i) * o.InitialStride, columns).CopyTo(new Span<float>(scratch + i * width, columns));
                }
            }

            var beside = o with { InitialStride = width, ResultStride = width };
            Panel<L>(beside, a + row * o.RowStride, count, b, initial is null ? null : scratch, scratch, groups);
            for (int i = 0; i < count; i++)
                new ReadOnlySpan<float>(scratch + i * width, columns).CopyTo(new Span<float>(c + (row + i) * o.ResultStride, columns));
        }
    }
}
