using System.Runtime.CompilerServices;
using SequenceModels.Tensors;

namespace SequenceModels.Kernels;

/// <summary>Sums of rows in parts: of an old and a new state (zoneout), of rows by their weights (attention).</summary>
internal static unsafe class Mixing
{
    private const int Group = 16;

    /// <summary>value = kept previous + (1 - kept) value (docs/equations.md, 16.4). Where kept is 1 or 0 and both are finite, it is one of them bit for bit.</summary>
    /// <param name="kept">[length] part of the previous value; <c>null</c>: <paramref name="rate"/> everywhere.</param>
    /// <param name="rate">That part.</param>
    /// <param name="previous">[length].</param>
    /// <param name="value">[length], overwritten.</param>
    /// <param name="length">A multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Blend<L>(float* kept, float rate, float* previous, float* value, long length)
        where L : struct, ILanes<L>
    {
        L one = L.Broadcast(1), k = L.Broadcast(rate);
        for (long j = 0; j < length; j += Group)
        {
            if (kept is not null)
                k = L.Load(kept + j);
            L.Store(L.FusedMultiplyAdd(k, L.Load(previous + j), (one - k) * L.Load(value + j)), value + j);
        }
    }

    /// <summary>The backward pass of <see cref="Blend"/> (16.5, 16.6): rest = kept gradient, then gradient = (1 - kept) gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unblend<L>(float* kept, float* gradient, float* rest, long length)
        where L : struct, ILanes<L>
    {
        L one = L.Broadcast(1);
        for (long j = 0; j < length; j += Group)
        {
            L k = L.Load(kept + j), g = L.Load(gradient + j);
            L.Store(k * g, rest + j);
            L.Store((one - k) * g, gradient + j);
        }
    }

    /// <summary>destination = x + y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum<L>(float* x, float* y, float* destination, long length)
        where L : struct, ILanes<L>
    {
        long whole = length & -Group;
        for (long j = 0; j < whole; j += Group)
            L.Store(L.Load(x + j) + L.Load(y + j), destination + j);
        for (long j = whole; j < length; j++)
            destination[j] = x[j] + y[j];
    }

    /// <summary>The sum of x_j y_j: 16 lane sums in order, folded by <see cref="Fold"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot<L>(float* x, float* y, long length)
        where L : struct, ILanes<L>
    {
        L total = L.Broadcast(0);
        long whole = length & -Group;
        for (long j = 0; j < whole; j += Group)
            total = L.FusedMultiplyAdd(L.Load(x + j), L.Load(y + j), total);
        if (whole < length)
        {
            float* rest = stackalloc float[2 * Group];
            new Span<float>(rest, 2 * Group).Clear();
            Memory.Copy(x + whole, rest, length - whole);
            Memory.Copy(y + whole, rest + Group, length - whole);
            total = L.FusedMultiplyAdd(L.Load(rest), L.Load(rest + Group), total);
        }

        return Fold.Sum(total);
    }

    /// <summary>destination += factor source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled<L>(float factor, float* source, float* destination, long length)
        where L : struct, ILanes<L>
    {
        L f = L.Broadcast(factor);
        long whole = length & -Group;
        for (long j = 0; j < whole; j += Group)
            L.Store(L.FusedMultiplyAdd(f, L.Load(source + j), L.Load(destination + j)), destination + j);
        for (long j = whole; j < length; j++)
            destination[j] = MathF.FusedMultiplyAdd(factor, source[j], destination[j]);
    }

    /// <summary>gradient *= 1 - tanh^2: the backward pass of a tanh whose values are given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TanhBackward<L>(float* tanh, float* gradient, long length)
        where L : struct, ILanes<L>
    {
        L one = L.Broadcast(1);
        long whole = length & -Group;
        for (long j = 0; j < whole; j += Group)
        {
            L t = L.Load(tanh + j);
            L.Store(L.Load(gradient + j) * (one - t * t), gradient + j);
        }

        for (long j = whole; j < length; j++)
            gradient[j] *= 1 - tanh[j] * tanh[j];
    }
}
