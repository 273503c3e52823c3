using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// c = initial + A B for a B of few bits in panels as <see cref="PackedMatrix"/> lays them out, two bytes a column and step. Many rows share a pass over the weights four at a time; a row's bits do not
/// depend on the rows beside it.
/// </summary>
internal static unsafe class PanelProduct
{
    /// <summary>The longest sum of integers: 127 x 2047 x 8192 is below 2^31.</summary>
    public const int MaximumInt8Depth = 8192;

    /// <summary>Rows of the left factor that are rounded to integers at a time.</summary>
    private const int RowBlock = 8;

    /// <summary>The product with a B of bfloat16. Rows of the result, the initial values and the scales are read and written up to N rounded up to 16.</summary>
    /// <param name="a">A [M,K].</param>
    /// <param name="rowStride">Floats from one row of A to the next.</param>
    /// <param name="rows">M.</param>
    /// <param name="depth">K.</param>
    /// <param name="panels">B [K,N].</param>
    /// <param name="columns">N.</param>
    /// <param name="initial">[N] what the sums of each row begin with, or <c>null</c>: 0.</param>
    /// <param name="c">C [M,N].</param>
    /// <param name="resultStride">Floats from one row of C to the next.</param>
    public static void Bfloat16<L>(float* a, nint rowStride, int rows, int depth, byte* panels, int columns, float* initial, float* c, nint resultStride)
        where L : struct, ILanes<L>
    {
        float* ones = stackalloc float[RowBlock];
        Run<Bfloat16Panel<L>>((uint*)a, rowStride, rows, depth, panels, columns, initial, c, ones, c, resultStride, sharedRowScale: true);
    }

    /// <summary>The product with a B of 8-bit integers; A's rows are rounded to 12 bits by <see cref="RoundedRow"/> first.</summary>
    /// <param name="a">A [M,K].</param>
    /// <param name="rowStride">Floats from one row of A to the next.</param>
    /// <param name="rows">M.</param>
    /// <param name="depth">K, at most <see cref="MaximumInt8Depth"/>.</param>
    /// <param name="panels">B [K,N] in pairs of k.</param>
    /// <param name="scales">[N] scales of B's columns.</param>
    /// <param name="columns">N.</param>
    /// <param name="initial">[N] what is added to each row, or <c>null</c>: 0.</param>
    /// <param name="c">C [M,N].</param>
    /// <param name="resultStride">Floats from one row of C to the next.</param>
    [SkipLocalsInit]
    public static void Int8<L, P>(float* a, nint rowStride, int rows, int depth, byte* panels, float* scales, int columns, float* initial, float* c, nint resultStride)
        where L : struct, ILanes<L>
        where P : struct, IPanelLanes<P>
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(depth, MaximumInt8Depth);
        int steps = (depth + 1) / 2, padded = PackedMatrix.PaddedColumns(depth), block = Math.Min(rows, RowBlock);
        short* rounded = stackalloc short[block * padded];
        float* rowScales = stackalloc float[RowBlock];
        for (int row = 0; row < rows; row += block)
        {
            int count = Math.Min(block, rows - row);
            for (int i = 0; i < count; i++)
                rowScales[i] = RoundedRow.Round<L>(a + (row + i) * rowStride, depth, rounded + i * padded);
            Run<P>((uint*)rounded, padded / 2, count, steps, panels, columns, initial, scales, rowScales, c + row * resultStride, resultStride, sharedRowScale: false);
        }
    }

    private static void Run<P>(
        uint* a, nint rowStride, int rows, int steps, byte* panels, int columns, float* initial, float* scales, float* rowScales, float* c, nint resultStride, bool sharedRowScale)
        where P : struct, IPanelLanes<P>
    {
        var operands = new PanelTiles.Operands(steps, rowStride, (nint)steps * 2 * PackedMatrix.PanelWidth, resultStride);
        int whole = rows & ~3;
        if (whole > 0)
            Rows<P>(operands, a, whole, panels, columns, initial, scales, rowScales, c, sharedRowScale);
        for (int row = whole; row < rows; row++)
            Row<P>(operands, a + row * rowStride, panels, columns, initial, scales, sharedRowScale ? rowScales : rowScales + row, c + row * resultStride);
    }

    /// <summary>Rows in fours, all of them by each panel while it is near.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows<P>(
        in PanelTiles.Operands o, uint* a, int rows, byte* panels, int columns, float* initial, float* scales, float* rowScales, float* c, bool sharedRowScale)
        where P : struct, IPanelLanes<P>
    {
        for (int column = 0; column < columns; column += PackedMatrix.PanelWidth)
        {
            byte* b = panels + (nint)column * o.Steps * 2;
            int groups = columns - column > 16 ? 2 : 1;
            float* start = initial is null ? null : initial + column;
            for (int row = 0; row < rows; row += 4)
            {
                float* factors = sharedRowScale ? rowScales : rowScales + row;
                uint* left = a + row * o.RowStride;
                float* cells = c + row * o.ResultStride + column;
                if (groups == 2 && P.WideTiles)
                {
                    PanelTiles.Tile4x2<P>(o, left, b, start, scales + column, factors, cells);
                    continue;
                }

                for (int g = 0; g < groups; g++)
                    PanelTiles.Tile4x1<P>(o, left, b + 32 * g, 32 * groups, start is null ? null : start + 16 * g, scales + column + 16 * g, factors, cells + 16 * g);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row<P>(in PanelTiles.Operands o, uint* a, byte* panels, int columns, float* initial, float* scales, float* rowScale, float* c)
        where P : struct, IPanelLanes<P>
    {
        const int panel = PackedMatrix.PanelWidth;
        int column = 0;
        for (; column + 4 * panel <= columns; column += 4 * panel)
            PanelTiles.Tile1x8<P>(o, a, panels + (nint)column * o.Steps * 2, initial is null ? null : initial + column, scales + column, rowScale, c + column);
        for (; column < columns; column += panel)
        {
            byte* b = panels + (nint)column * o.Steps * 2;
            float* start = initial is null ? null : initial + column;
            if (columns - column > 16)
                PanelTiles.Tile1x2<P>(o, a, b, start, scales + column, rowScale, c + column);
            else
                PanelTiles.Tile1x1<P>(o, a, b, 32, start, scales + column, rowScale, c + column);
        }
    }
}
