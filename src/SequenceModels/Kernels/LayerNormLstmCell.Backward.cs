using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SequenceModels.Kernels;

/// <content>Differentiation. Gains and shifts by (15.7), added up in the row's own sums.</content>
internal static unsafe partial class LayerNormLstmCell<TDefinition>
{
    /// <summary>dn (15.15), times the gain in the place of tanh(n), and the means over it that (15.6) needs; dgamma_o in the place of o.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardOutput<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* gates = row.Trace + GateBlock * stride, scalars = Scalars(row), previous = row.PreviousCell, cellTanh = row.CellTanh, carried = row.HiddenGradient, above = row.OutputGradient, cell = row.CellGradient;
        float* units = row.Parameters + UnitsBlock * stride, gain = row.Parameters + CellGain * stride, gainGradient = row.ParameterGradient + CellGain * stride, shiftGradient = row.ParameterGradient + CellShift * stride;
        L one = L.Broadcast(1), sum = L.Broadcast(0), product = sum, centre = L.Broadcast(scalars[CellMean]), scale = L.Broadcast(scalars[CellScale]);
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L i = L.Load(gates + j), f = L.Load(gates + stride + j), g = L.Load(gates + 2 * stride + j), o = L.Load(gates + 3 * stride + j);
            L v = (L.FusedMultiplyAdd(f, L.Load(previous + j), i * g) - centre) * L.Load(units + j) * scale;
            L tanh = L.Load(cellTanh + j), dh = L.Load(carried + j);
            if (above is not null)
                dh += L.Load(above + j);
            L dn = dh * o * (one - tanh * tanh);
            if (TDefinition.CarriesNormal)
                dn += L.Load(cell + j);
            L dv = dn * L.Load(gain + j);
            L.Store(dh * tanh * (o * (one - o)), gates + 3 * stride + j);
            L.Store(dv, cellTanh + j);
            L.Store(L.FusedMultiplyAdd(dn, v, L.Load(gainGradient + j)), gainGradient + j);
            L.Store(L.Load(shiftGradient + j) + dn, shiftGradient + j);
            sum += dv;
            product = L.FusedMultiplyAdd(dv, v, product);
        }

        (scalars[CellGradientMean], scalars[CellCorrelation]) = (Fold.Sum(sum) / row.Units, Fold.Sum(product) / row.Units);
    }

    /// <summary>ds (15.16), dgamma (15.18) in the place of the gates, and the means that (15.6) needs; dc_prev = ds f (15.24).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* gates = row.Trace + GateBlock * stride, normal = row.Trace + NormalBlock * stride, scalars = Scalars(row), dCellNormal = row.CellTanh;
        float* gain = row.Parameters, units = gain + UnitsBlock * stride, sums = row.ParameterGradient, cell = row.CellGradient, previous = row.PreviousCell, carried = row.HiddenGradient;
        L mean = L.Broadcast(scalars[CellGradientMean]), correlation = L.Broadcast(scalars[CellCorrelation]), scale = L.Broadcast(scalars[CellScale]), centre = L.Broadcast(scalars[CellMean]);
        L one = L.Broadcast(1), zero = L.Broadcast(0), sumI = zero, sumF = zero, sumG = zero, sumO = zero, productI = zero, productF = zero, productG = zero, productO = zero;
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            int jf = stride + j, jg = jf + stride, jo = jg + stride;
            L i = L.Load(gates + j), f = L.Load(gates + jf), g = L.Load(gates + jg), before = L.Load(previous + j), unit = L.Load(units + j);
            L v = (L.FusedMultiplyAdd(f, before, i * g) - centre) * unit * scale;
            L ds = (L.Load(dCellNormal + j) - mean - v * correlation) * scale * unit;
            if (!TDefinition.CarriesNormal)
                ds += L.Load(cell + j);
            L.Store(ds * f, cell + j);
            L.Store(zero, carried + j);

            L dI = ds * g * (i * (one - i)), vI = L.Load(normal + j), dvI = dI * L.Load(gain + j);
            L.Store(dI, gates + j);
            AddGains(sums + j, stride, dI, vI);
            sumI += dvI;
            productI = L.FusedMultiplyAdd(dvI, vI, productI);

            L dF = ds * before * (f * (one - f)), vF = L.Load(normal + jf), dvF = dF * L.Load(gain + jf);
            L.Store(dF, gates + jf);
            AddGains(sums + jf, stride, dF, vF);
            sumF += dvF;
            productF = L.FusedMultiplyAdd(dvF, vF, productF);

            L dG = ds * i * (one - g * g), vG = L.Load(normal + jg), dvG = dG * L.Load(gain + jg);
            L.Store(dG, gates + jg);
            AddGains(sums + jg, stride, dG, vG);
            sumG += dvG;
            productG = L.FusedMultiplyAdd(dvG, vG, productG);

            L dO = L.Load(gates + jo), vO = L.Load(normal + jo), dvO = dO * L.Load(gain + jo);
            AddGains(sums + jo, stride, dO, vO);
            sumO += dvO;
            productO = L.FusedMultiplyAdd(dvO, vO, productO);
        }

        var means = TDefinition.GateByGate ? Fold.Sums(sumI, sumF, sumG, sumO) / Vector128.Create((float)row.Units) : Vector128.Create(Fold.Sum(sumI + sumF + (sumG + sumO)) / (Gates * row.Units));
        var correlations = TDefinition.GateByGate
            ? Fold.Sums(productI, productF, productG, productO) / Vector128.Create((float)row.Units)
            : Vector128.Create(Fold.Sum(productI + productF + (productG + productO)) / (Gates * row.Units));
        Vector128.Store(means, scalars + Means);
        Vector128.Store(correlations, scalars + GradientCorrelations);
    }

    /// <summary>The gradients of what was normalised (15.6), in its place: of the recurrent product or, gate by gate, of the sum of both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Differentiate<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* gradient = row.Trace + GateBlock * stride, normal = row.Trace + NormalBlock * stride, gain = row.Parameters, units = gain + UnitsBlock * stride, scalars = Scalars(row);
        for (int gate = 0; gate < Gates; gate++, gradient += stride, normal += stride, gain += stride)
        {
            L mean = L.Broadcast(scalars[Means + gate]), correlation = L.Broadcast(scalars[GradientCorrelations + gate]), scale = L.Broadcast(scalars[gate]);
            for (int j = 0; j < stride; j += ILanes<L>.Count)
                L.Store((L.Load(gradient + j) * L.Load(gain + j) - mean - L.Load(normal + j) * correlation) * scale * L.Load(units + j), normal + j);
        }
    }

    /// <summary>(15.7) of a gate, into the row's own sums: of its gain and, gate by gate, of its shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddGains<L>(float* sums, int stride, L gradient, L normal)
        where L : struct, ILanes<L>
    {
        L.Store(L.FusedMultiplyAdd(gradient, normal, L.Load(sums)), sums);
        if (TDefinition.GateByGate)
            L.Store(L.Load(sums + Shifts * stride) + gradient, sums + Shifts * stride);
    }
}
