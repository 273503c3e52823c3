using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SequenceModels.Tensors;

namespace SequenceModels.Kernels;

/// <summary>
/// The right factor B [K,N] of a matrix product, in panels of 32 columns: panel by panel, row by row, 32 floats a row, so that the product reads it
/// from front to back. If N mod 32 lies in 1..16, the last panel is 16 wide. Columns past N are zero.
/// </summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    public const int PanelWidth = 32;
    private readonly NativeBuffer _buffer;

    /// <summary>Room for a matrix of K = <paramref name="depth"/> rows and N = <paramref name="columns"/> columns, all zero.</summary>
    public PackedMatrix(int depth, int columns)
    {
        Depth = depth;
        Columns = columns;
        _buffer = new NativeBuffer(Size(depth, columns));
    }

    public int Depth { get; }

    public int Columns { get; }

    /// <summary>Floats held.</summary>
    public long Length => _buffer.Length;

    public float* Pointer => _buffer.Pointer;

    /// <summary>Columns rounded up to whole groups of 16 lanes.</summary>
    public static int PaddedColumns(int columns) => (columns + 15) & ~15;

    /// <summary>
    /// A distance between the rows of a left factor, of that length or one line more: rows that lie a multiple of 4 KiB apart fall into the same sets of the first cache, and a tile's twelve would drive each
    /// other out.
    /// </summary>
    public static int SpreadStride(int length) => length % 1024 == 0 ? length + 16 : length;

    /// <summary>Floats that a packed matrix takes.</summary>
    public static long Size(int depth, int columns) => (long)depth * PaddedColumns(columns);

    /// <summary>Packs the whole matrix from B[k,n] = source[k x depthStride + n x columnStride].</summary>
    public void Pack(float* source, long depthStride, long columnStride) => Pack(source, depthStride, columnStride, 0, Depth, 0, Columns);

    /// <summary>Packs the part of <paramref name="depth"/> rows and <paramref name="columns"/> columns that begins at row <paramref name="firstDepth"/> and column <paramref name="firstColumn"/>.</summary>
    /// <param name="source">Element (0, 0) of the part.</param>
    /// <param name="depthStride">Floats from one k of the source to the next.</param>
    /// <param name="columnStride">Floats from one n of the source to the next.</param>
    /// <param name="firstDepth">Row of this matrix at which the part begins.</param>
    /// <param name="depth">Rows of the part.</param>
    /// <param name="firstColumn">Column of this matrix at which the part begins.</param>
    /// <param name="columns">Columns of the part.</param>
    public void Pack(float* source, long depthStride, long columnStride, int firstDepth, int depth, int firstColumn, int columns)
    {
        for (int column = firstColumn; column < firstColumn + columns;)
        {
            int panel = column / PanelWidth, within = column % PanelWidth;
            int width = Math.Min(PanelWidth, PaddedColumns(Columns) - panel * PanelWidth);
            int count = Math.Min(firstColumn + columns - column, width - within);
            float* destination = Pointer + (long)panel * PanelWidth * Depth + (long)firstDepth * width + within;
            float* from = source + (column - firstColumn) * columnStride;
            if (columnStride == 1)
                PackRows(destination, width, from, depthStride, depth, count);
            else
                PackTransposed(destination, width, from, depthStride, columnStride, depth, count);
            column += count;
        }
    }

    /// <summary>Packs rows of contiguous floats into memory of <see cref="Size"/> floats; columns past N are zeroed.</summary>
    public static void PackRows(float* packed, float* source, long depthStride, int depth, int columns)
    {
        for (int column = 0; column < columns; column += PanelWidth)
        {
            int width = Math.Min(PanelWidth, PaddedColumns(columns) - column), count = Math.Min(PanelWidth, columns - column);
            float* destination = packed + (long)column * depth;
            if (count < width)
                Memory.Clear(destination, (long)width * depth);
            PackRows(destination, width, source + column, depthStride, depth, count);
        }
    }

    public void Dispose() => _buffer.Dispose();

    private static void PackRows(float* destination, int width, float* source, long depthStride, int depth, int count)
    {
        if (count == PanelWidth)
        {
            for (int k = 0; k < depth; k++, destination += PanelWidth, source += depthStride)
            {
                var (v0, v1, v2, v3) = (Vector256.Load(source), Vector256.Load(source + 8), Vector256.Load(source + 16), Vector256.Load(source + 24));
                Vector256.Store(v0, destination);
                Vector256.Store(v1, destination + 8);
                Vector256.Store(v2, destination + 16);
                Vector256.Store(v3, destination + 24);
            }

            return;
        }

        for (int k = 0; k < depth; k++, destination += width, source += depthStride)
            new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(destination, count));
    }

    // Sixteen k at a time: each source line is used whole while it is in cache.
    private static void PackTransposed(float* destination, int width, float* source, long depthStride, long columnStride, int depth, int count)
    {
        bool squares = Sse.IsSupported && depthStride == 1;
        for (int block = 0; block < depth; block += 16)
        {
            int end = Math.Min(block + 16, depth), n = 0;
            for (; squares && end == block + 16 && n + 4 <= count; n += 4)
            {
                for (int k = block; k < end; k += 4)
                    TransposeSquare(source + n * columnStride + k, columnStride, destination + (long)k * width + n, width);
            }

            for (; n < count; n++)
            {
                float* from = source + n * columnStride;
                for (int k = block; k < end; k++)
                    destination[(long)k * width + n] = from[k * depthStride];
            }
        }
    }

    /// <summary>Four rows of four floats become four columns.</summary>
    private static void TransposeSquare(float* source, long sourceStride, float* destination, long destinationStride)
    {
        var row0 = Vector128.Load(source);
        var row1 = Vector128.Load(source + sourceStride);
        var row2 = Vector128.Load(source + 2 * sourceStride);
        var row3 = Vector128.Load(source + 3 * sourceStride);
        Vector128<float> low01 = Sse.UnpackLow(row0, row1), high01 = Sse.UnpackHigh(row0, row1);
        Vector128<float> low23 = Sse.UnpackLow(row2, row3), high23 = Sse.UnpackHigh(row2, row3);
        Vector128.Store(Sse.MoveLowToHigh(low01, low23), destination);
        Vector128.Store(Sse.MoveHighToLow(low23, low01), destination + destinationStride);
        Vector128.Store(Sse.MoveLowToHigh(high01, high23), destination + 2 * destinationStride);
        Vector128.Store(Sse.MoveHighToLow(high23, high01), destination + 3 * destinationStride);
    }
}
