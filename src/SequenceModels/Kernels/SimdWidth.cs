namespace SequenceModels.Kernels;

/// <summary>Vector width of the kernels. All widths give the same bits; only their speed differs.</summary>
internal enum SimdWidth
{
    /// <summary>No vectors: <see cref="MathF.FusedMultiplyAdd"/> on single floats. The definition that the others are held to.</summary>
    Scalar = 1,

    /// <summary>Four floats a vector (SSE with FMA, Arm64 AdvSimd).</summary>
    Vector128 = 4,

    /// <summary>Eight floats a vector (AVX2).</summary>
    Vector256 = 8,

    /// <summary>Sixteen floats a vector (AVX-512).</summary>
    Vector512 = 16,
}
