using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SequenceModels.Kernels;

/// <summary>
/// LSTM with layer normalisation (docs/equations.md, section 15), a row in passes: each ends with a sum over all units that the next one needs (<see cref="LayerNormLstmKernels{L,TDefinition}"/> runs them). Where whole
/// products are normalised, the input's comes normalised already. Needs whole rows of units, and a trace in each direction of time.
/// Blocks of the products: i, f, g, o. The trace holds two blocks of each: gates, and what was normalised for them. Where products are normalised the gates come first, in the place of the input's products, for the gradients of
/// those; gate by gate they come last, as both products have one gradient. Then <see cref="LayerNormTrace.Scalars"/> floats. Blocks of the parameters: four gains of gates, gain and shift of the cell, gate by gate also four shifts, and
/// last 1 for each unit and 0 for padding.
/// </summary>
internal static unsafe partial class LayerNormLstmCell<TDefinition>
    where TDefinition : struct, ILayerNormDefinition
{
    private const int Gates = 4;
    private const int CellGain = 4;
    private const int CellShift = 5;
    private const int Shifts = 6;

    // Floats behind the trace's blocks: 1 / deviation of each gate; its mean, in whose place backwards the first mean of (15.6) stands; the second one; the same of the cell.
    private const int Means = Gates;
    private const int GradientCorrelations = 2 * Gates;
    private const int CellScale = 3 * Gates;
    private const int CellMean = CellScale + 1;
    private const int CellGradientMean = CellScale + 2;
    private const int CellCorrelation = CellScale + 3;

    private static int GateBlock => TDefinition.GateByGate ? Gates : 0;

    private static int NormalBlock => TDefinition.GateByGate ? 0 : Gates;

    private static int UnitsBlock => TDefinition.GateByGate ? Shifts + Gates : Shifts;

    /// <summary>Means (15.1) of the gates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Centre<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* x = row.Input, r = row.Recurrent;
        L zero = L.Broadcast(0), i = zero, f = zero, g = zero, o = zero;
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            i += Value<L>(x, r, j);
            f += Value<L>(x, r, stride + j);
            g += Value<L>(x, r, 2 * stride + j);
            o += Value<L>(x, r, 3 * stride + j);
        }

        var means = TDefinition.GateByGate ? Fold.Sums(i, f, g, o) / Vector128.Create((float)row.Units) : Vector128.Create(Fold.Sum(i + f + (g + o)) / (Gates * row.Units));
        Vector128.Store(means, Scalars(row) + Means);
    }

    /// <summary>1 / deviations (15.2) of the gates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* x = row.Input, r = row.Recurrent, units = row.Parameters + UnitsBlock * stride, means = Scalars(row) + Means;
        L meanI = L.Broadcast(means[0]), meanF = L.Broadcast(means[1]), meanG = L.Broadcast(means[2]), meanO = L.Broadcast(means[3]);
        L zero = L.Broadcast(0), i = zero, f = zero, g = zero, o = zero;
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L unit = L.Load(units + j);
            L centredI = (Value<L>(x, r, j) - meanI) * unit, centredF = (Value<L>(x, r, stride + j) - meanF) * unit;
            L centredG = (Value<L>(x, r, 2 * stride + j) - meanG) * unit, centredO = (Value<L>(x, r, 3 * stride + j) - meanO) * unit;
            i = L.FusedMultiplyAdd(centredI, centredI, i);
            f = L.FusedMultiplyAdd(centredF, centredF, f);
            g = L.FusedMultiplyAdd(centredG, centredG, g);
            o = L.FusedMultiplyAdd(centredO, centredO, o);
        }

        var scales = TDefinition.GateByGate
            ? RowNormalization.InverseDeviations(Fold.Sums(i, f, g, o), row.Units)
            : Vector128.Create(RowNormalization.InverseDeviation(Fold.Sum(i + f + (g + o)), Gates * row.Units));
        Vector128.Store(scales, Scalars(row));
    }

    /// <summary>gamma by (15.8) or (15.9); i, f, o = sigmoid, g = tanh (15.10); s = f c_prev + i g (15.11), in the place of c, and its mean.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* x = row.Input, r = row.Recurrent, gain = row.Parameters, units = gain + UnitsBlock * stride, shift = TDefinition.GateByGate ? gain + Shifts * stride : x;
        float* gates = row.Trace + GateBlock * stride, normal = row.Trace + NormalBlock * stride, scales = Scalars(row), means = scales + Means, cell = row.Cell, previous = row.PreviousCell;
        L sum = L.Broadcast(0);
        L meanI = L.Broadcast(means[0]), meanF = L.Broadcast(means[1]), meanG = L.Broadcast(means[2]), meanO = L.Broadcast(means[3]);
        L scaleI = L.Broadcast(scales[0]), scaleF = L.Broadcast(scales[1]), scaleG = L.Broadcast(scales[2]), scaleO = L.Broadcast(scales[3]);
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            int jf = stride + j, jg = jf + stride, jo = jg + stride;
            L unit = L.Load(units + j);
            L vI = (Value<L>(x, r, j) - meanI) * unit * scaleI, vF = (Value<L>(x, r, jf) - meanF) * unit * scaleF; // (15.3)
            L vG = (Value<L>(x, r, jg) - meanG) * unit * scaleG, vO = (Value<L>(x, r, jo) - meanO) * unit * scaleO;
            L i = Exponential.Sigmoid(L.FusedMultiplyAdd(L.Load(gain + j), vI, L.Load(shift + j)));
            L f = Exponential.Sigmoid(L.FusedMultiplyAdd(L.Load(gain + jf), vF, L.Load(shift + jf)));
            L g = Exponential.Tanh(L.FusedMultiplyAdd(L.Load(gain + jg), vG, L.Load(shift + jg)));
            L o = Exponential.Sigmoid(L.FusedMultiplyAdd(L.Load(gain + jo), vO, L.Load(shift + jo)));
            L s = L.FusedMultiplyAdd(f, L.Load(previous + j), i * g);
            L.Store(vI, normal + j);
            L.Store(vF, normal + jf);
            L.Store(vG, normal + jg);
            L.Store(vO, normal + jo);
            L.Store(i, gates + j);
            L.Store(f, gates + jf);
            L.Store(g, gates + jg);
            L.Store(o, gates + jo);
            L.Store(s, cell + j);
            sum += s;
        }

        scales[CellMean] = Fold.Sum(sum) / row.Units;
    }

    /// <summary>1 / deviation (15.2) of s.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaleCell<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        float* cell = row.Cell, scalars = Scalars(row), units = row.Parameters + UnitsBlock * row.Stride;
        L mean = L.Broadcast(scalars[CellMean]), squares = L.Broadcast(0);
        for (int j = 0; j < row.Stride; j += ILanes<L>.Count)
        {
            L centred = (L.Load(cell + j) - mean) * L.Load(units + j);
            squares = L.FusedMultiplyAdd(centred, centred, squares);
        }

        scalars[CellScale] = RowNormalization.InverseDeviation(Fold.Sum(squares), row.Units);
    }

    /// <summary>n = LN(s) (15.12); c = s or n (15.13); h = o tanh(n) (15.14).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ForwardOutput<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* cell = row.Cell, scalars = Scalars(row), units = row.Parameters + UnitsBlock * stride, gain = row.Parameters + CellGain * stride, shift = row.Parameters + CellShift * stride;
        float* cellTanh = row.CellTanh, hidden = row.Hidden, o = row.Trace + (GateBlock + Gates - 1) * stride;
        L mean = L.Broadcast(scalars[CellMean]), scale = L.Broadcast(scalars[CellScale]);
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L v = (L.Load(cell + j) - mean) * L.Load(units + j) * scale;
            L n = L.FusedMultiplyAdd(L.Load(gain + j), v, L.Load(shift + j));
            L tanh = Exponential.Tanh(n);
            L.Store(tanh, cellTanh + j);
            L.Store(L.Load(o + j) * tanh, hidden + j);
            if (TDefinition.CarriesNormal)
                L.Store(n, cell + j);
        }
    }

    private static float* Scalars(in CellStep row) => row.Trace + LayerNormTrace.Blocks * row.Stride;

    /// <summary>What is normalised of a gate: the recurrent product, or the sum of both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L Value<L>(float* x, float* r, int at)
        where L : struct, ILanes<L> =>
        TDefinition.GateByGate ? L.Load(x + at) + L.Load(r + at) : L.Load(r + at);
}
