using System.Runtime.CompilerServices;
using SequenceModels.Tensors;

namespace SequenceModels.Kernels;

/// <summary>
/// Layer normalisation of rows (docs/equations.md, 15.1 to 15.7). Sums over a row run over 16 lanes and are folded by <see cref="Fold"/>; sums over rows are chains in the order of the rows.
/// </summary>
internal static unsafe class LayerNormalization
{
    /// <summary>Floats kept of a row for the backward pass: mean, and 1 / sqrt(variance + epsilon).</summary>
    public const int Statistics = 2;
    private const int Group = 16;

    /// <summary>y = gain (v - m) / sqrt(s^2 + epsilon) + shift, row by row.</summary>
    /// <param name="v">[rows,F] v.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="length">F.</param>
    /// <param name="stride">Floats from one row of v, and of y, to the next.</param>
    /// <param name="gain">[F].</param>
    /// <param name="shift">[F].</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="y">[rows,F] receives y; may be <paramref name="v"/>.</param>
    /// <param name="statistics">[rows,2] receives what the backward pass needs, or <c>null</c>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L>(float* v, int rows, int length, nint stride, float* gain, float* shift, float epsilon, float* y, float* statistics)
        where L : struct, ILanes<L>
    {
        int whole = length & -Group, rest = length - whole;
        float* tail = stackalloc float[3 * Group];
        new Span<float>(tail, 3 * Group).Clear();
        Memory.Copy(gain + whole, tail + Group, rest);
        Memory.Copy(shift + whole, tail + 2 * Group, rest);
        for (int row = 0; row < rows; row++, v += stride, y += stride)
        {
            L total = L.Broadcast(0);
            for (int j = 0; j < whole; j += Group)
                total += L.Load(v + j);
            if (rest > 0)
            {
                Memory.Copy(v + whole, tail, rest);
                total += L.Load(tail);
            }

            float mean = Fold.Sum(total) / length;
            L m = L.Broadcast(mean);
            L squares = L.Broadcast(0);
            for (int j = 0; j < whole; j += Group)
            {
                L centred = L.Load(v + j) - m;
                squares = L.FusedMultiplyAdd(centred, centred, squares);
            }

            if (rest > 0)
            {
                L.Store(L.Load(tail) - m, tail);
                Memory.Clear(tail + rest, Group - rest); // columns that are not there have no part in the variance
                L centred = L.Load(tail);
                squares = L.FusedMultiplyAdd(centred, centred, squares);
            }

            float scale = 1 / MathF.Sqrt(Fold.Sum(squares) / length + epsilon);
            L r = L.Broadcast(scale);
            for (int j = 0; j < whole; j += Group)
                L.Store(L.FusedMultiplyAdd(L.Load(gain + j), (L.Load(v + j) - m) * r, L.Load(shift + j)), y + j);
            if (rest > 0)
            {
                L.Store(L.FusedMultiplyAdd(L.Load(tail + Group), L.Load(tail) * r, L.Load(tail + 2 * Group)), tail);
                Memory.Copy(tail, y + whole, rest);
                Memory.Clear(tail, Group);
            }

            if (statistics is null)
                continue;
            statistics[Statistics * row] = mean;
            statistics[Statistics * row + 1] = scale;
        }
    }

    /// <summary>dv = (dn - mean(dn) - n mean(dn n)) / sqrt(s^2 + epsilon) with dn = dy gain and n the normalised row.</summary>
    /// <param name="v">[rows,F] as given to <see cref="Forward"/>.</param>
    /// <param name="statistics">[rows,2] as it left them.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="length">F, also the floats from one row to the next.</param>
    /// <param name="gain">[F].</param>
    /// <param name="dy">[rows,F] dL/dy.</param>
    /// <param name="dv">[rows,F] receives dL/dv; may be <paramref name="dy"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(float* v, float* statistics, int rows, int length, float* gain, float* dy, float* dv)
        where L : struct, ILanes<L>
    {
        int whole = length & -Group, rest = length - whole;
        float* tail = stackalloc float[3 * Group];
        new Span<float>(tail, 3 * Group).Clear();
        Memory.Copy(gain + whole, tail + 2 * Group, rest);
        for (int row = 0; row < rows; row++, v += length, dy += length, dv += length)
        {
            L m = L.Broadcast(statistics[Statistics * row]), r = L.Broadcast(statistics[Statistics * row + 1]);
            L sum = L.Broadcast(0), product = sum;
            for (int j = 0; j < whole; j += Group)
            {
                L dn = L.Load(dy + j) * L.Load(gain + j);
                sum += dn;
                product = L.FusedMultiplyAdd(dn, (L.Load(v + j) - m) * r, product);
            }

            if (rest > 0)
            {
                Memory.Copy(v + whole, tail, rest);
                Memory.Copy(dy + whole, tail + Group, rest);
                L dn = L.Load(tail + Group) * L.Load(tail + 2 * Group); // zero past the end
                sum += dn;
                product = L.FusedMultiplyAdd(dn, (L.Load(tail) - m) * r, product);
            }

            L a = L.Broadcast(Fold.Sum(sum) / length), b = L.Broadcast(Fold.Sum(product) / length);
            for (int j = 0; j < whole; j += Group)
                L.Store((L.Load(dy + j) * L.Load(gain + j) - a - (L.Load(v + j) - m) * r * b) * r, dv + j);
            if (rest > 0)
            {
                L.Store((L.Load(tail + Group) * L.Load(tail + 2 * Group) - a - (L.Load(tail) - m) * r * b) * r, tail);
                Memory.Copy(tail, dv + whole, rest);
            }
        }
    }

    /// <summary>dgain += sum over rows of dy n, dshift += sum over rows of dy, for some of the columns.</summary>
    /// <param name="v">[rows,F] as given to <see cref="Forward"/>, from the first of the columns on.</param>
    /// <param name="statistics">[rows,2] as it left them.</param>
    /// <param name="dy">[rows,F] dL/dy, from the first of the columns on.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="stride">F, floats from one row to the next.</param>
    /// <param name="columns">Columns to sum.</param>
    /// <param name="dGain">[columns], added to.</param>
    /// <param name="dShift">[columns], added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddGradients<L>(float* v, float* statistics, float* dy, int rows, nint stride, int columns, float* dGain, float* dShift)
        where L : struct, ILanes<L>
    {
        int j = 0;
        for (; j + 2 * Group <= columns; j += 2 * Group)
        {
            L gain0 = L.Load(dGain + j), gain1 = L.Load(dGain + j + Group), shift0 = L.Load(dShift + j), shift1 = L.Load(dShift + j + Group);
            float* x = v + j, g = dy + j;
            for (int row = 0; row < rows; row++, x += stride, g += stride)
            {
                L m = L.Broadcast(statistics[Statistics * row]), r = L.Broadcast(statistics[Statistics * row + 1]), g0 = L.Load(g), g1 = L.Load(g + Group);
                gain0 = L.FusedMultiplyAdd(g0, (L.Load(x) - m) * r, gain0);
                gain1 = L.FusedMultiplyAdd(g1, (L.Load(x + Group) - m) * r, gain1);
                shift0 += g0;
                shift1 += g1;
            }

            L.Store(gain0, dGain + j);
            L.Store(gain1, dGain + j + Group);
            L.Store(shift0, dShift + j);
            L.Store(shift1, dShift + j + Group);
        }

        for (; j < columns; j++)
        {
            float gain = dGain[j], shift = dShift[j];
            for (int row = 0; row < rows; row++)
            {
                float d = dy[row * stride + j];
                gain = MathF.FusedMultiplyAdd(d, (v[row * stride + j] - statistics[Statistics * row]) * statistics[Statistics * row + 1], gain);
                shift += d;
            }

            (dGain[j], dShift[j]) = (gain, shift);
        }
    }
}
