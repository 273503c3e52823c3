using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>C = initial + A B for a packed B, cut into the tiles of <see cref="MatrixTiles"/>.</summary>
internal static unsafe class MatrixProduct
{
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
        var operands = new MatrixTiles.Operands(depth, rowStride, depthStride, panel, (nint)depth * panel, initialStride, resultStride);
        int whole = columns / panel * panel;
        int column = 0;
        if (rows == 1)
        {
            for (; column + 4 * panel <= whole; column += 4 * panel)
                MatrixTiles.Tile1x8<L>(operands, a, packed + (nint)column * depth, initial is null ? null : initial + column, c + column);
        }

        for (; column < whole; column += panel)
            Panel<L>(operands, a, rows, packed + (nint)column * depth, initial is null ? null : initial + column, c + column, 2);
        if (column == columns)
            return;

        // The last panel, which N does not fill.
        int groups = columns - column > 16 ? 2 : 1;
        var last = operands with { PanelWidth = 16 * groups };
        if (padded)
            Panel<L>(last, a, rows, packed + (nint)column * depth, initial is null ? null : initial + column, c + column, groups);
        else
            Edge<L>(last, a, rows, packed + (nint)column * depth, initial is null ? null : initial + column, c + column, columns - column, groups);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel<L>(in MatrixTiles.Operands o, float* a, int rows, float* b, float* initial, float* c, int groups)
        where L : struct, ILanes<L>
    {
        nint rs = o.RowStride, init = initial is null ? 0 : o.InitialStride, cs = o.ResultStride;
        int row = 0;
        if (groups == 2 && L.WideTiles)
        {
            while (row < rows)
            {
                int tile = WideTile(rows - row);
                if (tile == 12)
                    MatrixTiles.Tile12x2<L>(o, a, b, initial, c);
                else if (tile == 8)
                    MatrixTiles.Tile8x2<L>(o, a, b, initial, c);
                else if (tile == 4)
                    MatrixTiles.Tile4x2<L>(o, a, b, initial, c);
                else
                    MatrixTiles.Tile1x2<L>(o, a, b, initial, c);
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
