using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>Weights of 16 bits, the upper halves of floats: each sum is a chain of fused multiply-adds in the order of k, begun with the initial value, as in <see cref="MatrixTiles"/>.</summary>
/// <typeparam name="L">The lanes that compute.</typeparam>
internal readonly unsafe struct Bfloat16Panel<L>(L value) : IPanelLanes<Bfloat16Panel<L>>
    where L : struct, ILanes<L>
{
    private readonly L _value = value;

    public static bool WideTiles => L.WideTiles;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bfloat16Panel<L> Begin(float* initial) => new(initial is null ? L.Broadcast(0) : L.Load(initial));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bfloat16Panel<L> Load(byte* weights) => new(L.LoadBfloat16((ushort*)weights));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bfloat16Panel<L> Broadcast(uint* step) => new(L.Broadcast(*(float*)step));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bfloat16Panel<L> MultiplyAdd(Bfloat16Panel<L> left, Bfloat16Panel<L> weights, Bfloat16Panel<L> sums) =>
        new(L.FusedMultiplyAdd(left._value, weights._value, sums._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void End(Bfloat16Panel<L> sums, float* initial, float* scales, float rowScale, float* destination) => L.Store(sums._value, destination);
}
