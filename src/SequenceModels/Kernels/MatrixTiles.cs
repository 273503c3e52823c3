using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// Register tiles of the matrix product: rows x lane groups of accumulators that stay in registers while k runs from 0 to K - 1.
/// Each accumulator is one chain of fused multiply-adds in the order of k, begun with the initial value (or 0): whatever tile an element falls in, its bits are the same.
/// Rows are addressed from every third row's pointer, so that two strides and an index cover all of them without more registers.
/// </summary>
internal static unsafe partial class MatrixTiles
{
    /// <summary>What all tiles of one product share. Strides are in floats.</summary>
    /// <param name="Depth">K, length of the sums.</param>
    /// <param name="RowStride">From one row of A to the next.</param>
    /// <param name="DepthStride">From one k of A to the next.</param>
    /// <param name="PanelWidth">Floats from one k of B's panel to the next: 32, or 16 in a narrow last panel.</param>
    /// <param name="PanelStride">From one panel of B to the next.</param>
    /// <param name="InitialStride">From one row of initial values to the next; 0 for one row that serves all (a bias).</param>
    /// <param name="ResultStride">From one row of C to the next.</param>
    internal readonly record struct Operands(int Depth, nint RowStride, nint DepthStride, nint PanelWidth, nint PanelStride, nint InitialStride, nint ResultStride);

    /// <summary>Memory that will be read later, for a tile to ask for, a line a k.</summary>
    /// <param name="First">The first line.</param>
    /// <param name="Stride">Floats from one line to the next.</param>
    internal readonly record struct Ahead(nint First, nint Stride)
    {
        public Ahead(float* first, nint stride)
            : this((nint)first, stride)
        {
        }

        public float* Line => (float*)First;

        /// <summary>The lines beside.</summary>
        public Ahead Next => this with { First = First + 16 * sizeof(float) };
    }

    /// <summary>12 rows x 32 columns: 24 of AVX-512's 32 registers hold sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile12x2<L>(in Operands o, float* a, float* b, float* initial, float* c, Ahead ahead)
        where L : struct, ILanes<L>
    {
        L c0_0, c0_1, c1_0, c1_1, c2_0, c2_1, c3_0, c3_1,
            c4_0, c4_1, c5_0, c5_1, c6_0, c6_1, c7_0, c7_1,
            c8_0, c8_1, c9_0, c9_1, c10_0, c10_1, c11_0, c11_1;
        nint rs = o.RowStride, ks = o.DepthStride, cs = o.ResultStride;
        if (initial is null)
        {
            c0_0 = c0_1 = c1_0 = c1_1 = c2_0 = c2_1 = c3_0 = c3_1 = L.Broadcast(0);
            c4_0 = c4_1 = c5_0 = c5_1 = c6_0 = c6_1 = c7_0 = c7_1 = L.Broadcast(0);
            c8_0 = c8_1 = c9_0 = c9_1 = c10_0 = c10_1 = c11_0 = c11_1 = L.Broadcast(0);
        }
        else
        {
            nint stride = o.InitialStride;
            c0_0 = L.Load(initial);
            c0_1 = L.Load(initial + 16);
            c1_0 = L.Load(initial + stride);
            c1_1 = L.Load(initial + stride + 16);
            c2_0 = L.Load(initial + 2 * stride);
            c2_1 = L.Load(initial + 2 * stride + 16);
            c3_0 = L.Load(initial + 3 * stride);
            c3_1 = L.Load(initial + 3 * stride + 16);
            c4_0 = L.Load(initial + 4 * stride);
            c4_1 = L.Load(initial + 4 * stride + 16);
            c5_0 = L.Load(initial + 5 * stride);
            c5_1 = L.Load(initial + 5 * stride + 16);
            c6_0 = L.Load(initial + 6 * stride);
            c6_1 = L.Load(initial + 6 * stride + 16);
            c7_0 = L.Load(initial + 7 * stride);
            c7_1 = L.Load(initial + 7 * stride + 16);
            c8_0 = L.Load(initial + 8 * stride);
            c8_1 = L.Load(initial + 8 * stride + 16);
            c9_0 = L.Load(initial + 9 * stride);
            c9_1 = L.Load(initial + 9 * stride + 16);
            c10_0 = L.Load(initial + 10 * stride);
            c10_1 = L.Load(initial + 10 * stride + 16);
            c11_0 = L.Load(initial + 11 * stride);
            c11_1 = L.Load(initial + 11 * stride + 16);
        }

        float* a3 = a + 3 * rs;
        float* a6 = a + 6 * rs;
        float* a9 = a + 9 * rs;
        nint width = o.PanelWidth;
        float* line = ahead.Line;
        nint lineStride = ahead.Stride;
        for (int k = o.Depth; k > 0; k--)
        {
            L.Prefetch(line);
            line += lineStride;
            L v0 = L.Load(b), v1 = L.Load(b + 16);
            L x = L.Broadcast(*a);
            c0_0 = L.FusedMultiplyAdd(x, v0, c0_0);
            c0_1 = L.FusedMultiplyAdd(x, v1, c0_1);
            x = L.Broadcast(a[rs]);
            c1_0 = L.FusedMultiplyAdd(x, v0, c1_0);
            c1_1 = L.FusedMultiplyAdd(x, v1, c1_1);
            x = L.Broadcast(a[2 * rs]);
            c2_0 = L.FusedMultiplyAdd(x, v0, c2_0);
            c2_1 = L.FusedMultiplyAdd(x, v1, c2_1);
            x = L.Broadcast(*a3);
            c3_0 = L.FusedMultiplyAdd(x, v0, c3_0);
            c3_1 = L.FusedMultiplyAdd(x, v1, c3_1);
            x = L.Broadcast(a3[rs]);
            c4_0 = L.FusedMultiplyAdd(x, v0, c4_0);
            c4_1 = L.FusedMultiplyAdd(x, v1, c4_1);
            x = L.Broadcast(a3[2 * rs]);
            c5_0 = L.FusedMultiplyAdd(x, v0, c5_0);
            c5_1 = L.FusedMultiplyAdd(x, v1, c5_1);
            x = L.Broadcast(*a6);
            c6_0 = L.FusedMultiplyAdd(x, v0, c6_0);
            c6_1 = L.FusedMultiplyAdd(x, v1, c6_1);
            x = L.Broadcast(a6[rs]);
            c7_0 = L.FusedMultiplyAdd(x, v0, c7_0);
            c7_1 = L.FusedMultiplyAdd(x, v1, c7_1);
            x = L.Broadcast(a6[2 * rs]);
            c8_0 = L.FusedMultiplyAdd(x, v0, c8_0);
            c8_1 = L.FusedMultiplyAdd(x, v1, c8_1);
            x = L.Broadcast(*a9);
            c9_0 = L.FusedMultiplyAdd(x, v0, c9_0);
            c9_1 = L.FusedMultiplyAdd(x, v1, c9_1);
            x = L.Broadcast(a9[rs]);
            c10_0 = L.FusedMultiplyAdd(x, v0, c10_0);
            c10_1 = L.FusedMultiplyAdd(x, v1, c10_1);
            x = L.Broadcast(a9[2 * rs]);
            c11_0 = L.FusedMultiplyAdd(x, v0, c11_0);
            c11_1 = L.FusedMultiplyAdd(x, v1, c11_1);
            a += ks;
            a3 += ks;
            a6 += ks;
            a9 += ks;
            b += width;
        }

        L.Store(c0_0, c);
        L.Store(c0_1, c + 16);
        L.Store(c1_0, c + cs);
        L.Store(c1_1, c + cs + 16);
        L.Store(c2_0, c + 2 * cs);
        L.Store(c2_1, c + 2 * cs + 16);
        L.Store(c3_0, c + 3 * cs);
        L.Store(c3_1, c + 3 * cs + 16);
        L.Store(c4_0, c + 4 * cs);
        L.Store(c4_1, c + 4 * cs + 16);
        L.Store(c5_0, c + 5 * cs);
        L.Store(c5_1, c + 5 * cs + 16);
        L.Store(c6_0, c + 6 * cs);
        L.Store(c6_1, c + 6 * cs + 16);
        L.Store(c7_0, c + 7 * cs);
        L.Store(c7_1, c + 7 * cs + 16);
        L.Store(c8_0, c + 8 * cs);
        L.Store(c8_1, c + 8 * cs + 16);
        L.Store(c9_0, c + 9 * cs);
        L.Store(c9_1, c + 9 * cs + 16);
        L.Store(c10_0, c + 10 * cs);
        L.Store(c10_1, c + 10 * cs + 16);
        L.Store(c11_0, c + 11 * cs);
        L.Store(c11_1, c + 11 * cs + 16);
    }

    /// <summary>8 rows x 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile8x2<L>(in Operands o, float* a, float* b, float* initial, float* c, Ahead ahead)
        where L : struct, ILanes<L>
    {
        L c0_0, c0_1, c1_0, c1_1, c2_0, c2_1, c3_0, c3_1,
            c4_0, c4_1, c5_0, c5_1, c6_0, c6_1, c7_0, c7_1;
        nint rs = o.RowStride, ks = o.DepthStride, cs = o.ResultStride;
        if (initial is null)
        {
            c0_0 = c0_1 = c1_0 = c1_1 = c2_0 = c2_1 = c3_0 = c3_1 = L.Broadcast(0);
            c4_0 = c4_1 = c5_0 = c5_1 = c6_0 = c6_1 = c7_0 = c7_1 = L.Broadcast(0);
        }
        else
        {
            nint stride = o.InitialStride;
            c0_0 = L.Load(initial);
            c0_1 = L.Load(initial + 16);
            c1_0 = L.Load(initial + stride);
            c1_1 = L.Load(initial + stride + 16);
            c2_0 = L.Load(initial + 2 * stride);
            c2_1 = L.Load(initial + 2 * stride + 16);
            c3_0 = L.Load(initial + 3 * stride);
            c3_1 = L.Load(initial + 3 * stride + 16);
            c4_0 = L.Load(initial + 4 * stride);
            c4_1 = L.Load(initial + 4 * stride + 16);
            c5_0 = L.Load(initial + 5 * stride);
            c5_1 = L.Load(initial + 5 * stride + 16);
            c6_0 = L.Load(initial + 6 * stride);
            c6_1 = L.Load(initial + 6 * stride + 16);
            c7_0 = L.Load(initial + 7 * stride);
            c7_1 = L.Load(initial + 7 * stride + 16);
        }

        float* a3 = a + 3 * rs;
        float* a6 = a + 6 * rs;
        nint width = o.PanelWidth;
        float* line = ahead.Line;
        nint lineStride = ahead.Stride;
        for (int k = o.Depth; k > 0; k--)
        {
            L.Prefetch(line);
            line += lineStride;
            L v0 = L.Load(b), v1 = L.Load(b + 16);
            L x = L.Broadcast(*a);
            c0_0 = L.FusedMultiplyAdd(x, v0, c0_0);
            c0_1 = L.FusedMultiplyAdd(x, v1, c0_1);
            x = L.Broadcast(a[rs]);
            c1_0 = L.FusedMultiplyAdd(x, v0, c1_0);
            c1_1 = L.FusedMultiplyAdd(x, v1, c1_1);
            x = L.Broadcast(a[2 * rs]);
            c2_0 = L.FusedMultiplyAdd(x, v0, c2_0);
            c2_1 = L.FusedMultiplyAdd(x, v1, c2_1);
            x = L.Broadcast(*a3);
            c3_0 = L.FusedMultiplyAdd(x, v0, c3_0);
            c3_1 = L.FusedMultiplyAdd(x, v1, c3_1);
            x = L.Broadcast(a3[rs]);
            c4_0 = L.FusedMultiplyAdd(x, v0, c4_0);
            c4_1 = L.FusedMultiplyAdd(x, v1, c4_1);
            x = L.Broadcast(a3[2 * rs]);
            c5_0 = L.FusedMultiplyAdd(x, v0, c5_0);
            c5_1 = L.FusedMultiplyAdd(x, v1, c5_1);
            x = L.Broadcast(*a6);
            c6_0 = L.FusedMultiplyAdd(x, v0, c6_0);
            c6_1 = L.FusedMultiplyAdd(x, v1, c6_1);
            x = L.Broadcast(a6[rs]);
            c7_0 = L.FusedMultiplyAdd(x, v0, c7_0);
            c7_1 = L.FusedMultiplyAdd(x, v1, c7_1);
            a += ks;
            a3 += ks;
            a6 += ks;
            b += width;
        }

        L.Store(c0_0, c);
        L.Store(c0_1, c + 16);
        L.Store(c1_0, c + cs);
        L.Store(c1_1, c + cs + 16);
        L.Store(c2_0, c + 2 * cs);
        L.Store(c2_1, c + 2 * cs + 16);
        L.Store(c3_0, c + 3 * cs);
        L.Store(c3_1, c + 3 * cs + 16);
        L.Store(c4_0, c + 4 * cs);
        L.Store(c4_1, c + 4 * cs + 16);
        L.Store(c5_0, c + 5 * cs);
        L.Store(c5_1, c + 5 * cs + 16);
        L.Store(c6_0, c + 6 * cs);
        L.Store(c6_1, c + 6 * cs + 16);
        L.Store(c7_0, c + 7 * cs);
        L.Store(c7_1, c + 7 * cs + 16);
    }

    /// <summary>4 rows x 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile4x2<L>(in Operands o, float* a, float* b, float* initial, float* c)
        where L : struct, ILanes<L>
    {
        L c0_0, c0_1, c1_0, c1_1, c2_0, c2_1, c3_0, c3_1;
        nint rs = o.RowStride, ks = o.DepthStride, cs = o.ResultStride;
        if (initial is null)
        {
            c0_0 = c0_1 = c1_0 = c1_1 = c2_0 = c2_1 = c3_0 = c3_1 = L.Broadcast(0);
        }
        else
        {
            nint stride = o.InitialStride;
            c0_0 = L.Load(initial);
            c0_1 = L.Load(initial + 16);
            c1_0 = L.Load(initial + stride);
            c1_1 = L.Load(initial + stride + 16);
            c2_0 = L.Load(initial + 2 * stride);
            c2_1 = L.Load(initial + 2 * stride + 16);
            c3_0 = L.Load(initial + 3 * stride);
            c3_1 = L.Load(initial + 3 * stride + 16);
        }

        float* a3 = a + 3 * rs;
        nint width = o.PanelWidth;
        for (int k = o.Depth; k > 0; k--)
        {
            L v0 = L.Load(b), v1 = L.Load(b + 16);
            L x = L.Broadcast(*a);
            c0_0 = L.FusedMultiplyAdd(x, v0, c0_0);
            c0_1 = L.FusedMultiplyAdd(x, v1, c0_1);
            x = L.Broadcast(a[rs]);
            c1_0 = L.FusedMultiplyAdd(x, v0, c1_0);
            c1_1 = L.FusedMultiplyAdd(x, v1, c1_1);
            x = L.Broadcast(a[2 * rs]);
            c2_0 = L.FusedMultiplyAdd(x, v0, c2_0);
            c2_1 = L.FusedMultiplyAdd(x, v1, c2_1);
            x = L.Broadcast(*a3);
            c3_0 = L.FusedMultiplyAdd(x, v0, c3_0);
            c3_1 = L.FusedMultiplyAdd(x, v1, c3_1);
            a += ks;
            a3 += ks;
            b += width;
        }

        L.Store(c0_0, c);
        L.Store(c0_1, c + 16);
        L.Store(c1_0, c + cs);
        L.Store(c1_1, c + cs + 16);
        L.Store(c2_0, c + 2 * cs);
        L.Store(c2_1, c + 2 * cs + 16);
        L.Store(c3_0, c + 3 * cs);
        L.Store(c3_1, c + 3 * cs + 16);
    }
}
