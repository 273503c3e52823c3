using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <content>Tiles for few rows, narrow panels and machines with sixteen registers.</content>
internal static unsafe partial class MatrixTiles
{
    /// <summary>6 rows x 16 columns: 12 of AVX2's 16 registers hold sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile6x1<L>(in Operands o, float* a, float* b, float* initial, float* c)
        where L : struct, ILanes<L>
    {
        L c0, c1, c2, c3, c4, c5;
        nint rs = o.RowStride, ks = o.DepthStride, cs = o.ResultStride;
        if (initial is null)
        {
            c0 = c1 = c2 = c3 = c4 = c5 = L.Broadcast(0);
        }
        else
        {
            nint stride = o.InitialStride;
            c0 = L.Load(initial);
            c1 = L.Load(initial + stride);
            c2 = L.Load(initial + 2 * stride);
            c3 = L.Load(initial + 3 * stride);
            c4 = L.Load(initial + 4 * stride);
            c5 = L.Load(initial + 5 * stride);
        }

        float* a3 = a + 3 * rs;
        nint width = o.PanelWidth;
        for (int k = o.Depth; k > 0; k--)
        {
            L v = L.Load(b);
            L x = L.Broadcast(*a);
            c0 = L.FusedMultiplyAdd(x, v, c0);
            x = L.Broadcast(a[rs]);
            c1 = L.FusedMultiplyAdd(x, v, c1);
            x = L.Broadcast(a[2 * rs]);
            c2 = L.FusedMultiplyAdd(x, v, c2);
            x = L.Broadcast(*a3);
            c3 = L.FusedMultiplyAdd(x, v, c3);
            x = L.Broadcast(a3[rs]);
            c4 = L.FusedMultiplyAdd(x, v, c4);
            x = L.Broadcast(a3[2 * rs]);
            c5 = L.FusedMultiplyAdd(x, v, c5);
            a += ks;
            a3 += ks;
            b += width;
        }

        L.Store(c0, c);
        L.Store(c1, c + cs);
        L.Store(c2, c + 2 * cs);
        L.Store(c3, c + 3 * cs);
        L.Store(c4, c + 4 * cs);
        L.Store(c5, c + 5 * cs);
    }

    /// <summary>1 row x 128 columns, four panels side by side: eight independent chains hide the latency of the multiply-add.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile1x8<L>(in Operands o, float* a, float* b, float* initial, float* c)
        where L : struct, ILanes<L>
    {
        L c0_0, c0_1, c0_2, c0_3, c0_4, c0_5, c0_6, c0_7;
        nint ks = o.DepthStride;
        if (initial is null)
        {
            c0_0 = c0_1 = c0_2 = c0_3 = c0_4 = c0_5 = c0_6 = c0_7 = L.Broadcast(0);
        }
        else
        {
            c0_0 = L.Load(initial);
            c0_1 = L.Load(initial + 16);
            c0_2 = L.Load(initial + 32);
            c0_3 = L.Load(initial + 48);
            c0_4 = L.Load(initial + 64);
            c0_5 = L.Load(initial + 80);
            c0_6 = L.Load(initial + 96);
            c0_7 = L.Load(initial + 112);
        }

        float* b1 = b + 1 * o.PanelStride;
        float* b2 = b + 2 * o.PanelStride;
        float* b3 = b + 3 * o.PanelStride;
        for (int k = o.Depth; k > 0; k--)
        {
            L x = L.Broadcast(*a);
            c0_0 = L.FusedMultiplyAdd(x, L.Load(b), c0_0);
            c0_1 = L.FusedMultiplyAdd(x, L.Load(b + 16), c0_1);
            c0_2 = L.FusedMultiplyAdd(x, L.Load(b1), c0_2);
            c0_3 = L.FusedMultiplyAdd(x, L.Load(b1 + 16), c0_3);
            c0_4 = L.FusedMultiplyAdd(x, L.Load(b2), c0_4);
            c0_5 = L.FusedMultiplyAdd(x, L.Load(b2 + 16), c0_5);
            c0_6 = L.FusedMultiplyAdd(x, L.Load(b3), c0_6);
            c0_7 = L.FusedMultiplyAdd(x, L.Load(b3 + 16), c0_7);
            a += ks;
            b += 32;
            b1 += 32;
            b2 += 32;
            b3 += 32;
        }

        L.Store(c0_0, c);
        L.Store(c0_1, c + 16);
        L.Store(c0_2, c + 32);
        L.Store(c0_3, c + 48);
        L.Store(c0_4, c + 64);
        L.Store(c0_5, c + 80);
        L.Store(c0_6, c + 96);
        L.Store(c0_7, c + 112);
    }

    /// <summary>1 row x 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile1x2<L>(in Operands o, float* a, float* b, float* initial, float* c)
        where L : struct, ILanes<L>
    {
        L c0_0, c0_1;
        nint ks = o.DepthStride;
        if (initial is null)
        {
            c0_0 = c0_1 = L.Broadcast(0);
        }
        else
        {
            c0_0 = L.Load(initial);
            c0_1 = L.Load(initial + 16);
        }

        nint width = o.PanelWidth;
        for (int k = o.Depth; k > 0; k--)
        {
            L v0 = L.Load(b), v1 = L.Load(b + 16);
            L x = L.Broadcast(*a);
            c0_0 = L.FusedMultiplyAdd(x, v0, c0_0);
            c0_1 = L.FusedMultiplyAdd(x, v1, c0_1);
            a += ks;
            b += width;
        }

        L.Store(c0_0, c);
        L.Store(c0_1, c + 16);
    }

    /// <summary>1 row x 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile1x1<L>(in Operands o, float* a, float* b, float* initial, float* c)
        where L : struct, ILanes<L>
    {
        L c0;
        nint ks = o.DepthStride;
        if (initial is null)
        {
            c0 = L.Broadcast(0);
        }
        else
        {
            c0 = L.Load(initial);
        }

        nint width = o.PanelWidth;
        for (int k = o.Depth; k > 0; k--)
        {
            L v = L.Load(b);
            L x = L.Broadcast(*a);
            c0 = L.FusedMultiplyAdd(x, v, c0);
            a += ks;
            b += width;
        }

        L.Store(c0, c);
    }
}
