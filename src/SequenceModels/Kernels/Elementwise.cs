using System.Runtime.CompilerServices;
using SequenceModels.Tensors;

namespace SequenceModels.Kernels;

/// <summary>Loops over blocks of any length. What is left after the last whole group of 16 is worked on in a copy filled up with zeros.</summary>
internal static unsafe class Elementwise
{
    private const int Group = 16;

    /// <summary>The sum of squares: 16 lane sums in the order of the block, folded by <see cref="Fold"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SumOfSquares<L>(float* x, long length)
        where L : struct, ILanes<L>
    {
        L total = L.Broadcast(0);
        long whole = length & -Group;
        for (long j = 0; j < whole; j += Group)
        {
            L v = L.Load(x + j);
            total = L.FusedMultiplyAdd(v, v, total);
        }

        if (whole < length)
        {
            float* rest = stackalloc float[Group];
            Memory.Copy(x + whole, rest, length - whole);
            L v = L.Load(rest);
            total = L.FusedMultiplyAdd(v, v, total);
        }

        return Fold.Sum(total);
    }

    /// <summary>destination += source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<L>(float* source, float* destination, long length)
        where L : struct, ILanes<L>
    {
        long whole = length & -Group;
        for (long j = 0; j < whole; j += Group)
            L.Store(L.Load(destination + j) + L.Load(source + j), destination + j);
        if (whole == length)
            return;
        float* rest = stackalloc float[2 * Group];
        Memory.Copy(source + whole, rest, length - whole);
        Memory.Copy(destination + whole, rest + Group, length - whole);
        L.Store(L.Load(rest + Group) + L.Load(rest), rest + Group);
        Memory.Copy(rest + Group, destination + whole, length - whole);
    }

    /// <summary>destination = source x factors, element by element; destination may be either.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<L>(float* source, float* factors, float* destination, long length)
        where L : struct, ILanes<L>
    {
        long whole = length & -Group;
        for (long j = 0; j < whole; j += Group)
            L.Store(L.Load(source + j) * L.Load(factors + j), destination + j);
        if (whole == length)
            return;
        float* rest = stackalloc float[2 * Group];
        Memory.Copy(factors + whole, rest, length - whole);
        Memory.Copy(source + whole, rest + Group, length - whole);
        L.Store(L.Load(rest + Group) * L.Load(rest), rest + Group);
        Memory.Copy(rest + Group, destination + whole, length - whole);
    }

    /// <summary>best = max(best, source); where source is greater, <paramref name="where"/> (unless <c>null</c>) becomes <paramref name="mark"/>. A NaN is never greater.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Maximum<L>(float* source, float* best, float* where, float mark, long length)
        where L : struct, ILanes<L>
    {
        L m = L.Broadcast(mark);
        long whole = length & -Group;
        for (long j = 0; j < whole; j += Group)
        {
            L b = L.Load(best + j), s = L.Load(source + j);
            L.Store(L.SelectLess(b, s, s, b), best + j);
            if (where is not null)
                L.Store(L.SelectLess(b, s, m, L.Load(where + j)), where + j);
        }

        for (long j = whole; j < length; j++)
        {
            if (!(best[j] < source[j]))
                continue;
            best[j] = source[j];
            if (where is not null)
                where[j] = mark;
        }
    }

    /// <summary>values *= factor, for a length that is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale<L>(float factor, float* values, long length)
        where L : struct, ILanes<L>
    {
        L f = L.Broadcast(factor);
        for (long j = 0; j < length; j += Group)
            L.Store(L.Load(values + j) * f, values + j);
    }

    /// <summary>destination = exp, sigmoid or tanh of source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Map<L>(ElementwiseFunction function, float* source, float* destination, long length)
        where L : struct, ILanes<L>
    {
        long whole = length & -Group;
        for (long j = 0; j < whole; j += Group)
            L.Store(Apply(function, L.Load(source + j)), destination + j);
        if (whole == length)
            return;
        float* rest = stackalloc float[Group];
        Memory.Copy(source + whole, rest, length - whole);
        L.Store(Apply(function, L.Load(rest)), rest);
        Memory.Copy(rest, destination + whole, length - whole);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L Apply<L>(ElementwiseFunction function, L x)
        where L : struct, ILanes<L> => function switch
        {
            ElementwiseFunction.Exp => Exponential.Exp(x),
            ElementwiseFunction.Sigmoid => Exponential.Sigmoid(x),
            _ => Exponential.Tanh(x),
        };
}

/// <summary>A function of one number.</summary>
internal enum ElementwiseFunction
{
    Exp,
    Sigmoid,
    Tanh,
}
