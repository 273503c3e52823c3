using System.Runtime.Intrinsics;

namespace SequenceModels.Kernels;

/// <summary>
/// Sixteen floats that are computed with together: one Vector512, two Vector256, four Vector128 or sixteen scalars.
/// Kernels are written once against this interface; the JIT specialises them on the struct. Every operation is one IEEE 754 operation a lane,
/// so that all implementations agree bit for bit.
/// </summary>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Number of lanes.</summary>
    const int Count = 16;

    /// <summary>Whether a 12 x 2 tile of accumulators fits into the vector registers.</summary>
    static abstract bool WideTiles { get; }

    static abstract TSelf Load(float* source);

    /// <summary>Floats whose upper halves stand at <paramref name="source"/>, the lower ones being zero (bfloat16).</summary>
    static abstract TSelf LoadBfloat16(ushort* source);

    /// <summary>Asks for a line of memory to be brought into the second cache.</summary>
    static abstract void Prefetch(float* line);

    static abstract void Store(TSelf value, float* destination);

    /// <summary>All lanes equal to <paramref name="value"/>.</summary>
    static abstract TSelf Broadcast(float value);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>left x right + addend, rounded once.</summary>
    static abstract TSelf FusedMultiplyAdd(TSelf left, TSelf right, TSelf addend);

    static abstract TSelf Sqrt(TSelf value);

    static abstract TSelf Abs(TSelf value);

    /// <summary>The magnitude of one and the sign of another.</summary>
    static abstract TSelf CopySign(TSelf magnitude, TSelf sign);

    /// <summary>Lane i plus lane i + 8, then those eight likewise plus those 4 further: the first two levels of <see cref="Fold"/>.</summary>
    static abstract Vector128<float> SumToFour(TSelf value);

    /// <summary>The larger of lane i and lane i + 8, then of those eight likewise and those 4 further; the first where neither is.</summary>
    static abstract Vector128<float> LargestFour(TSelf value);

    /// <summary>left &lt; right ? whenTrue : whenFalse, lane by lane; a NaN compares false.</summary>
    static abstract TSelf SelectLess(TSelf left, TSelf right, TSelf whenTrue, TSelf whenFalse);

    /// <summary>The float whose bits are those of <paramref name="value"/> shifted left by 23, plus those of 1: 2^n where the low bits hold n.</summary>
    static abstract TSelf ShiftToPowerOfTwo(TSelf value);
}
