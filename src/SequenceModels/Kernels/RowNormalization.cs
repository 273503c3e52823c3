using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SequenceModels.Kernels;

/// <summary>
/// Layer normalisation of whole rows (docs/equations.md, section 15). Rows may have padding anywhere: <c>mask</c> is 1 for what counts and 0 for padding, which comes in as 0 and stays so.
/// Sums run over sixteen lanes and are folded by <see cref="Fold"/>.
/// </summary>
internal static unsafe class RowNormalization
{
    /// <summary>What is added to a variance.</summary>
    public const float Epsilon = 1e-5f;

    /// <summary>1 / sqrt(variance + epsilon) from the sum of squared distances from the mean.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float InverseDeviation(float squares, int count) => 1 / MathF.Sqrt(squares / count + Epsilon);

    /// <summary>Four of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> InverseDeviations(Vector128<float> squares, int count) =>
        Vector128<float>.One / Vector128.Sqrt(squares / Vector128.Create((float)count) + Vector128.Create(Epsilon));

    /// <summary>Normalises rows.</summary>
    /// <param name="values">[rows, stride], overwritten with what was normalised (15.3).</param>
    /// <param name="stride">Floats from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Floats of a row, whole groups of 16.</param>
    /// <param name="count">How many of them count.</param>
    /// <param name="parameters">[3 x columns] gain, shift, mask; gain and shift are 0 in padding.</param>
    /// <param name="scales">[rows] receives 1 / deviation of each.</param>
    /// <param name="result">[rows, resultStride] receives the result (15.4); may be <paramref name="values"/>, which then is not kept.</param>
    /// <param name="resultStride">Floats from one row of the result to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L>(float* values, nint stride, int rows, int columns, int count, float* parameters, float* scales, float* result, nint resultStride)
        where L : struct, ILanes<L>
    {
        float* gain = parameters, shift = gain + columns, mask = shift + columns;
        for (int row = 0; row < rows; row++, values += stride, result += resultStride)
        {
            L sum = L.Broadcast(0), squares = sum;
            for (int j = 0; j < columns; j += ILanes<L>.Count)
                sum += L.Load(values + j);
            L mean = L.Broadcast(Fold.Sum(sum) / count);
            for (int j = 0; j < columns; j += ILanes<L>.Count)
            {
                L centred = (L.Load(values + j) - mean) * L.Load(mask + j);
                L.Store(centred, values + j);
                squares = L.FusedMultiplyAdd(centred, centred, squares);
            }

            scales[row] = InverseDeviation(Fold.Sum(squares), count);
            L scale = L.Broadcast(scales[row]);
            for (int j = 0; j < columns; j += ILanes<L>.Count)
            {
                L normal = L.Load(values + j) * scale;
                L.Store(normal, values + j);
                L.Store(L.FusedMultiplyAdd(L.Load(gain + j), normal, L.Load(shift + j)), result + j);
            }
        }
    }

    /// <summary>Differentiates <see cref="Forward"/>: (15.6) and, added to, (15.7).</summary>
    /// <param name="gradient">[rows, stride] of the result, overwritten with that of the values.</param>
    /// <param name="stride">Floats from one row of it to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Floats of a row, whole groups of 16.</param>
    /// <param name="count">How many of them count.</param>
    /// <param name="parameters">[3 x columns] gain, shift, mask.</param>
    /// <param name="scales">[rows] 1 / deviation.</param>
    /// <param name="normal">[rows, columns] what was normalised.</param>
    /// <param name="sums">[2 x columns] gradients of gain and shift, added to in the order of the rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(float* gradient, nint stride, int rows, int columns, int count, float* parameters, float* scales, float* normal, float* sums)
        where L : struct, ILanes<L>
    {
        float* gain = parameters, mask = gain + 2 * columns;
        for (int row = 0; row < rows; row++, gradient += stride, normal += columns)
        {
            L sum = L.Broadcast(0), product = sum;
            for (int j = 0; j < columns; j += ILanes<L>.Count)
            {
                L dy = L.Load(gradient + j), v = L.Load(normal + j), dv = dy * L.Load(gain + j);
                L.Store(L.FusedMultiplyAdd(dy, v, L.Load(sums + j)), sums + j);
                L.Store(L.Load(sums + columns + j) + dy, sums + columns + j);
                sum += dv;
                product = L.FusedMultiplyAdd(dv, v, product);
            }

            L mean = L.Broadcast(Fold.Sum(sum) / count), correlation = L.Broadcast(Fold.Sum(product) / count), scale = L.Broadcast(scales[row]);
            for (int j = 0; j < columns; j += ILanes<L>.Count)
            {
                L dv = L.Load(gradient + j) * L.Load(gain + j);
                L.Store((dv - mean - L.Load(normal + j) * correlation) * scale * L.Load(mask + j), gradient + j);
            }
        }
    }
}
