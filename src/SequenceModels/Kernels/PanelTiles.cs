using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>Register tiles of products with panels of few bits: rows x groups of sixteen columns, all of k in one pass.</summary>
internal static unsafe class PanelTiles
{
    /// <summary>What all tiles of one product share.</summary>
    /// <param name="Steps">Steps of the sums.</param>
    /// <param name="RowStride">Steps from one row of the left factor to the next.</param>
    /// <param name="PanelStride">Bytes from one panel of 32 columns to the next.</param>
    /// <param name="ResultStride">Floats from one row of results to the next.</param>
    internal readonly record struct Operands(int Steps, nint RowStride, nint PanelStride, nint ResultStride);

    /// <summary>1 row x 128 columns, four panels side by side: eight independent chains hide the latency of the sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile1x8<P>(in Operands o, uint* a, byte* b, float* initial, float* scales, float* rowScales, float* c)
        where P : struct, IPanelLanes<P>
    {
        P c0_0 = P.Begin(initial);
        P c0_1 = P.Begin(initial is null ? null : initial + 16);
        P c0_2 = P.Begin(initial is null ? null : initial + 32);
        P c0_3 = P.Begin(initial is null ? null : initial + 48);
        P c0_4 = P.Begin(initial is null ? null : initial + 64);
        P c0_5 = P.Begin(initial is null ? null : initial + 80);
        P c0_6 = P.Begin(initial is null ? null : initial + 96);
        P c0_7 = P.Begin(initial is null ? null : initial + 112);
        byte* b1 = b + 1 * o.PanelStride;
        byte* b2 = b + 2 * o.PanelStride;
        byte* b3 = b + 3 * o.PanelStride;
        for (int step = o.Steps; step > 0; step--)
        {
            P x = P.Broadcast(a);
            c0_0 = P.MultiplyAdd(x, P.Load(b), c0_0);
            c0_1 = P.MultiplyAdd(x, P.Load(b + 32), c0_1);
            c0_2 = P.MultiplyAdd(x, P.Load(b1), c0_2);
            c0_3 = P.MultiplyAdd(x, P.Load(b1 + 32), c0_3);
            c0_4 = P.MultiplyAdd(x, P.Load(b2), c0_4);
            c0_5 = P.MultiplyAdd(x, P.Load(b2 + 32), c0_5);
            c0_6 = P.MultiplyAdd(x, P.Load(b3), c0_6);
            c0_7 = P.MultiplyAdd(x, P.Load(b3 + 32), c0_7);
            a++;
            b += 64;
            b1 += 64;
            b2 += 64;
            b3 += 64;
        }

        P.End(c0_0, initial, scales, rowScales[0], c);
        P.End(c0_1, initial is null ? null : initial + 16, scales + 16, rowScales[0], c + 16);
        P.End(c0_2, initial is null ? null : initial + 32, scales + 32, rowScales[0], c + 32);
        P.End(c0_3, initial is null ? null : initial + 48, scales + 48, rowScales[0], c + 48);
        P.End(c0_4, initial is null ? null : initial + 64, scales + 64, rowScales[0], c + 64);
        P.End(c0_5, initial is null ? null : initial + 80, scales + 80, rowScales[0], c + 80);
        P.End(c0_6, initial is null ? null : initial + 96, scales + 96, rowScales[0], c + 96);
        P.End(c0_7, initial is null ? null : initial + 112, scales + 112, rowScales[0], c + 112);
    }

    /// <summary>1 row x 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile1x2<P>(in Operands o, uint* a, byte* b, float* initial, float* scales, float* rowScales, float* c)
        where P : struct, IPanelLanes<P>
    {
        P c0_0 = P.Begin(initial);
        P c0_1 = P.Begin(initial is null ? null : initial + 16);
        for (int step = o.Steps; step > 0; step--)
        {
            P w0 = P.Load(b), w1 = P.Load(b + 32);
            P x = P.Broadcast(a);
            c0_0 = P.MultiplyAdd(x, w0, c0_0);
            c0_1 = P.MultiplyAdd(x, w1, c0_1);
            a++;
            b += 64;
        }

        P.End(c0_0, initial, scales, rowScales[0], c);
        P.End(c0_1, initial is null ? null : initial + 16, scales + 16, rowScales[0], c + 16);
    }

    /// <summary>1 row x 16 columns of a panel whose steps are <paramref name="width"/> bytes apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile1x1<P>(in Operands o, uint* a, byte* b, int width, float* initial, float* scales, float* rowScales, float* c)
        where P : struct, IPanelLanes<P>
    {
        P c0_0 = P.Begin(initial);
        for (int step = o.Steps; step > 0; step--)
        {
            P w0 = P.Load(b);
            P x = P.Broadcast(a);
            c0_0 = P.MultiplyAdd(x, w0, c0_0);
            a++;
            b += width;
        }

        P.End(c0_0, initial, scales, rowScales[0], c);
    }

    /// <summary>4 rows x 32 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile4x2<P>(in Operands o, uint* a, byte* b, float* initial, float* scales, float* rowScales, float* c)
        where P : struct, IPanelLanes<P>
    {
        nint rs = o.RowStride, cs = o.ResultStride;
        P c0_0 = P.Begin(initial);
        P c0_1 = P.Begin(initial is null ? null : initial + 16);
        P c1_0 = P.Begin(initial);
        P c1_1 = P.Begin(initial is null ? null : initial + 16);
        P c2_0 = P.Begin(initial);
        P c2_1 = P.Begin(initial is null ? null : initial + 16);
        P c3_0 = P.Begin(initial);
        P c3_1 = P.Begin(initial is null ? null : initial + 16);
        for (int step = o.Steps; step > 0; step--)
        {
            P w0 = P.Load(b), w1 = P.Load(b + 32);
            P x = P.Broadcast(a);
            c0_0 = P.MultiplyAdd(x, w0, c0_0);
            c0_1 = P.MultiplyAdd(x, w1, c0_1);
            x = P.Broadcast(a + rs);
            c1_0 = P.MultiplyAdd(x, w0, c1_0);
            c1_1 = P.MultiplyAdd(x, w1, c1_1);
            x = P.Broadcast(a + 2 * rs);
            c2_0 = P.MultiplyAdd(x, w0, c2_0);
            c2_1 = P.MultiplyAdd(x, w1, c2_1);
            x = P.Broadcast(a + 3 * rs);
            c3_0 = P.MultiplyAdd(x, w0, c3_0);
            c3_1 = P.MultiplyAdd(x, w1, c3_1);
            a++;
            b += 64;
        }

        P.End(c0_0, initial, scales, rowScales[0], c);
        P.End(c0_1, initial is null ? null : initial + 16, scales + 16, rowScales[0], c + 16);
        P.End(c1_0, initial, scales, rowScales[1], c + cs);
        P.End(c1_1, initial is null ? null : initial + 16, scales + 16, rowScales[1], c + cs + 16);
        P.End(c2_0, initial, scales, rowScales[2], c + 2 * cs);
        P.End(c2_1, initial is null ? null : initial + 16, scales + 16, rowScales[2], c + 2 * cs + 16);
        P.End(c3_0, initial, scales, rowScales[3], c + 3 * cs);
        P.End(c3_1, initial is null ? null : initial + 16, scales + 16, rowScales[3], c + 3 * cs + 16);
    }

    /// <summary>4 rows x 16 columns of a panel whose steps are <paramref name="width"/> bytes apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile4x1<P>(in Operands o, uint* a, byte* b, int width, float* initial, float* scales, float* rowScales, float* c)
        where P : struct, IPanelLanes<P>
    {
        nint rs = o.RowStride, cs = o.ResultStride;
        P c0_0 = P.Begin(initial);
        P c1_0 = P.Begin(initial);
        P c2_0 = P.Begin(initial);
        P c3_0 = P.Begin(initial);
        for (int step = o.Steps; step > 0; step--)
        {
            P w0 = P.Load(b);
            P x = P.Broadcast(a);
            c0_0 = P.MultiplyAdd(x, w0, c0_0);
            x = P.Broadcast(a + rs);
            c1_0 = P.MultiplyAdd(x, w0, c1_0);
            x = P.Broadcast(a + 2 * rs);
            c2_0 = P.MultiplyAdd(x, w0, c2_0);
            x = P.Broadcast(a + 3 * rs);
            c3_0 = P.MultiplyAdd(x, w0, c3_0);
            a++;
            b += width;
        }

        P.End(c0_0, initial, scales, rowScales[0], c);
        P.End(c1_0, initial, scales, rowScales[1], c + cs);
        P.End(c2_0, initial, scales, rowScales[2], c + 2 * cs);
        P.End(c3_0, initial, scales, rowScales[3], c + 3 * cs);
    }
}
