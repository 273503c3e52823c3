using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>Loops over blocks whose length is a multiple of 16.</summary>
internal static unsafe class Elementwise
{
    /// <summary>The sum of squares: 16 lane sums in the order of the block, folded by <see cref="Fold"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SumOfSquares<L>(float* x, long length)
        where L : struct, ILanes<L>
    {
        L total = L.Broadcast(0);
        for (long j = 0; j < length; j += ILanes<L>.Count)
        {
            L v = L.Load(x + j);
            total = L.FusedMultiplyAdd(v, v, total);
        }

        return Fold.Sum(total);
    }

    /// <summary>destination += source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<L>(float* source, float* destination, long length)
        where L : struct, ILanes<L>
    {
        for (long j = 0; j < length; j += ILanes<L>.Count)
            L.Store(L.Load(destination + j) + L.Load(source + j), destination + j);
    }

    /// <summary>destination *= factors, element by element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<L>(float* factors, float* destination, long length)
        where L : struct, ILanes<L>
    {
        for (long j = 0; j < length; j += ILanes<L>.Count)
            L.Store(L.Load(destination + j) * L.Load(factors + j), destination + j);
    }

    /// <summary>destination = exp, sigmoid or tanh of source.</summary>
    public static void Map<L>(ElementwiseFunction function, float* source, float* destination, long length)
        where L : struct, ILanes<L>
    {
        for (long j = 0; j < length; j += ILanes<L>.Count)
        {
            L x = L.Load(source + j);
            L.Store(
                function switch
                {
                    ElementwiseFunction.Exp => Exponential.Exp(x),
                    ElementwiseFunction.Sigmoid => Exponential.Sigmoid(x),
                    _ => Exponential.Tanh(x),
                },
                destination + j);
        }
    }
}

/// <summary>A function of one number.</summary>
internal enum ElementwiseFunction
{
    Exp,
    Sigmoid,
    Tanh,
}
