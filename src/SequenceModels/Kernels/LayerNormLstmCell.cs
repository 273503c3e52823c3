using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// LSTM with layer normalisation (docs/equations.md, section 15). Where whole products are normalised, the input's comes normalised already. Needs whole rows of units, and a trace in each pass.
/// Blocks of the products: i, f, g, o. The trace holds what was normalised for each of them: gate by gate in its first blocks, else behind the input's products, which stay; the backward pass computes the gates anew, as
/// a trace with both takes twice the memory. Then <see cref="Scalars"/> floats: 1 / deviation of each gate and of the cell, and the mean of the cell. Blocks of the parameters: four gains of gates, gain and shift of the cell, gate by gate also four shifts, and last 1 for each unit and 0 for padding.
/// </summary>
internal readonly unsafe struct LayerNormLstmCell<TDefinition> : ICell
    where TDefinition : struct, ILayerNormDefinition
{
    /// <summary>Floats of a trace behind its blocks.</summary>
    public const int Scalars = 16;
    private const int Gates = 4;
    private const int CellGain = 4;
    private const int CellShift = 5;
    private const int Shifts = 6;
    private const int CellScale = Gates;
    private const int CellMean = Gates + 1;

    /// <summary>Blocks of a trace: those of the gradients of the input's and of the recurrent product, which are one where their sum is normalised.</summary>
    public static int TraceBlocks => TDefinition.GateByGate ? Gates : 2 * Gates;

    private static int NormalBlock => TDefinition.GateByGate ? 0 : Gates;

    private static int UnitsBlock => TDefinition.GateByGate ? Shifts + Gates : Shifts;

    /// <summary>gamma by (15.8) or (15.9); i, f, o = sigmoid, g = tanh (15.10); s = f c_prev + i g (15.11); n = LN(s) (15.12); c = s or n (15.13); h = o tanh(n) (15.14).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* x = row.Input, r = row.Recurrent, gain = row.Parameters, units = gain + UnitsBlock * stride, shift = TDefinition.GateByGate ? gain + Shifts * stride : x;
        float* normal = row.Trace + NormalBlock * stride, scalars = row.Trace + TraceBlocks * stride;
        float* cell = row.Cell, previous = row.PreviousCell, cellTanh = row.CellTanh, hidden = row.Hidden;
        float* means = stackalloc float[Gates];
        Moments<L>(x, r, units, stride, row.Units, means, scalars);

        L sum = L.Broadcast(0);
        L meanI = L.Broadcast(means[0]), meanF = L.Broadcast(means[1]), meanG = L.Broadcast(means[2]), meanO = L.Broadcast(means[3]);
        L scaleI = L.Broadcast(scalars[0]), scaleF = L.Broadcast(scalars[1]), scaleG = L.Broadcast(scalars[2]), scaleO = L.Broadcast(scalars[3]);
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
            L.Store(o, hidden + j); // until the tanh is known
            L.Store(s, cell + j);
            sum += s;
        }

        scalars[CellMean] = Fold.Sum(sum) / row.Units;
        L mean = L.Broadcast(scalars[CellMean]), squares = L.Broadcast(0);
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L centred = (L.Load(cell + j) - mean) * L.Load(units + j);
            squares = L.FusedMultiplyAdd(centred, centred, squares);
        }

        scalars[CellScale] = RowNormalization.InverseDeviation(Fold.Sum(squares), row.Units);
        L scale = L.Broadcast(scalars[CellScale]);
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L v = (L.Load(cell + j) - mean) * L.Load(units + j) * scale;
            L n = L.FusedMultiplyAdd(L.Load(gain + CellGain * stride + j), v, L.Load(gain + CellShift * stride + j));
            L tanh = Exponential.Tanh(n);
            L.Store(tanh, cellTanh + j);
            L.Store(L.Load(hidden + j) * tanh, hidden + j);
            if (TDefinition.CarriesNormal)
                L.Store(n, cell + j);
        }
    }

    /// <summary>
    /// dn and ds by (15.15) and (15.16); dgamma (15.18); the gradient of what was normalised by (15.6): of the recurrent product in its own blocks, or, gate by gate, of the sum of both in those of dgamma;
    /// dc_prev = ds f (15.24). Gains and shifts by (15.7), added up in the row's own sums.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride, count = row.Units;
        float* gates = row.Recurrent, gradient = TDefinition.GateByGate ? gates : row.Trace, normal = row.Trace + NormalBlock * stride, scalars = row.Trace + TraceBlocks * stride;
        float* gain = row.Parameters, units = gain + UnitsBlock * stride, sums = row.ParameterGradient, cell = row.CellGradient, previous = row.PreviousCell, carried = row.HiddenGradient;
        float* dCellNormal = row.CellTanh; // the tanh is read for the last time where this is written
        DifferentiateOutput<L>(row, out float meanOfCell, out float correlationOfCell);

        L one = L.Broadcast(1), zero = L.Broadcast(0), mean = L.Broadcast(meanOfCell), correlation = L.Broadcast(correlationOfCell), scale = L.Broadcast(scalars[CellScale]), centre = L.Broadcast(scalars[CellMean]);
        L sumI = zero, sumF = zero, sumG = zero, sumO = zero, productI = zero, productF = zero, productG = zero, productO = zero;
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
            L.Store(dI, gradient + j);
            AddGains(sums + j, stride, dI, vI);
            sumI += dvI;
            productI = L.FusedMultiplyAdd(dvI, vI, productI);

            L dF = ds * before * (f * (one - f)), vF = L.Load(normal + jf), dvF = dF * L.Load(gain + jf);
            L.Store(dF, gradient + jf);
            AddGains(sums + jf, stride, dF, vF);
            sumF += dvF;
            productF = L.FusedMultiplyAdd(dvF, vF, productF);

            L dG = ds * i * (one - g * g), vG = L.Load(normal + jg), dvG = dG * L.Load(gain + jg);
            L.Store(dG, gradient + jg);
            AddGains(sums + jg, stride, dG, vG);
            sumG += dvG;
            productG = L.FusedMultiplyAdd(dvG, vG, productG);

            L dO = L.Load(gates + jo), vO = L.Load(normal + jo), dvO = dO * L.Load(gain + jo);
            L.Store(dO, gradient + jo);
            AddGains(sums + jo, stride, dO, vO);
            sumO += dvO;
            productO = L.FusedMultiplyAdd(dvO, vO, productO);
        }

        if (TDefinition.GateByGate)
        {
            Differentiate(row, 0, 1, L.Broadcast(Fold.Sum(sumI) / count), L.Broadcast(Fold.Sum(productI) / count), L.Broadcast(scalars[0]));
            Differentiate(row, 1, 2, L.Broadcast(Fold.Sum(sumF) / count), L.Broadcast(Fold.Sum(productF) / count), L.Broadcast(scalars[1]));
            Differentiate(row, 2, 3, L.Broadcast(Fold.Sum(sumG) / count), L.Broadcast(Fold.Sum(productG) / count), L.Broadcast(scalars[2]));
            Differentiate(row, 3, 4, L.Broadcast(Fold.Sum(sumO) / count), L.Broadcast(Fold.Sum(productO) / count), L.Broadcast(scalars[3]));
            return;
        }

        // One mean over all gates.
        mean = L.Broadcast(Fold.Sum(sumI + sumF + (sumG + sumO)) / (Gates * count));
        correlation = L.Broadcast(Fold.Sum(productI + productF + (productG + productO)) / (Gates * count));
        Differentiate(row, 0, Gates, mean, correlation, L.Broadcast(scalars[0]));
    }

    /// <summary>The gates anew, in the place of the recurrent product; dn (15.15), times the gain in the place of tanh(n), and the means over it that (15.6) needs; dgamma_o in the place of o.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DifferentiateOutput<L>(in CellStep row, out float mean, out float correlation)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* gates = row.Recurrent, normal = row.Trace + NormalBlock * stride, scalars = row.Trace + TraceBlocks * stride, previous = row.PreviousCell;
        float* cellTanh = row.CellTanh, carried = row.HiddenGradient, above = row.OutputGradient, cell = row.CellGradient;
        float* gain = row.Parameters, units = gain + UnitsBlock * stride, shift = TDefinition.GateByGate ? gain + Shifts * stride : row.Input, cellGain = gain + CellGain * stride;
        float* gainGradient = row.ParameterGradient + CellGain * stride, shiftGradient = row.ParameterGradient + CellShift * stride;
        L one = L.Broadcast(1), sum = L.Broadcast(0), product = sum, centre = L.Broadcast(scalars[CellMean]), scale = L.Broadcast(scalars[CellScale]);
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            int jf = stride + j, jg = jf + stride, jo = jg + stride;
            L i = Exponential.Sigmoid(L.FusedMultiplyAdd(L.Load(gain + j), L.Load(normal + j), L.Load(shift + j)));
            L f = Exponential.Sigmoid(L.FusedMultiplyAdd(L.Load(gain + jf), L.Load(normal + jf), L.Load(shift + jf)));
            L g = Exponential.Tanh(L.FusedMultiplyAdd(L.Load(gain + jg), L.Load(normal + jg), L.Load(shift + jg)));
            L o = Exponential.Sigmoid(L.FusedMultiplyAdd(L.Load(gain + jo), L.Load(normal + jo), L.Load(shift + jo)));
            L.Store(i, gates + j);
            L.Store(f, gates + jf);
            L.Store(g, gates + jg);
            L v = (L.FusedMultiplyAdd(f, L.Load(previous + j), i * g) - centre) * L.Load(units + j) * scale;
            L tanh = L.Load(cellTanh + j), dh = L.Load(carried + j);
            if (above is not null)
                dh += L.Load(above + j);
            L dn = dh * o * (one - tanh * tanh);
            if (TDefinition.CarriesNormal)
                dn += L.Load(cell + j);
            L dv = dn * L.Load(cellGain + j);
            L.Store(dh * tanh * (o * (one - o)), gates + jo);
            L.Store(dv, cellTanh + j);
            L.Store(L.FusedMultiplyAdd(dn, v, L.Load(gainGradient + j)), gainGradient + j);
            L.Store(L.Load(shiftGradient + j) + dn, shiftGradient + j);
            sum += dv;
            product = L.FusedMultiplyAdd(dv, v, product);
        }

        (mean, correlation) = (Fold.Sum(sum) / row.Units, Fold.Sum(product) / row.Units);
    }

    /// <summary>What is normalised of a gate: the recurrent product, or the sum of both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L Value<L>(float* x, float* r, int at)
        where L : struct, ILanes<L> =>
        TDefinition.GateByGate ? L.Load(x + at) + L.Load(r + at) : L.Load(r + at);

    /// <summary>Means (15.1) and 1 / deviations (15.2) of the gates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Moments<L>(float* x, float* r, float* units, int stride, int count, float* means, float* scales)
        where L : struct, ILanes<L>
    {
        L zero = L.Broadcast(0), i = zero, f = zero, g = zero, o = zero;
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            i += Value<L>(x, r, j);
            f += Value<L>(x, r, stride + j);
            g += Value<L>(x, r, 2 * stride + j);
            o += Value<L>(x, r, 3 * stride + j);
        }

        if (TDefinition.GateByGate)
            (means[0], means[1], means[2], means[3]) = (Fold.Sum(i) / count, Fold.Sum(f) / count, Fold.Sum(g) / count, Fold.Sum(o) / count);
        else
            means[0] = means[1] = means[2] = means[3] = Fold.Sum(i + f + (g + o)) / (Gates * count);
        L meanI = L.Broadcast(means[0]), meanF = L.Broadcast(means[1]), meanG = L.Broadcast(means[2]), meanO = L.Broadcast(means[3]);
        i = f = g = o = zero;
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

        if (!TDefinition.GateByGate)
        {
            scales[0] = scales[1] = scales[2] = scales[3] = RowNormalization.InverseDeviation(Fold.Sum(i + f + (g + o)), Gates * count);
            return;
        }

        scales[0] = RowNormalization.InverseDeviation(Fold.Sum(i), count);
        scales[1] = RowNormalization.InverseDeviation(Fold.Sum(f), count);
        scales[2] = RowNormalization.InverseDeviation(Fold.Sum(g), count);
        scales[3] = RowNormalization.InverseDeviation(Fold.Sum(o), count);
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

    /// <summary>(15.6) for some gates of one mean.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate<L>(in CellStep row, int first, int end, L mean, L correlation, L scale)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* normal = row.Trace + NormalBlock * stride, gradient = TDefinition.GateByGate ? row.Recurrent : row.Trace, gain = row.Parameters, units = gain + UnitsBlock * stride;
        for (int gate = first * stride; gate < end * stride; gate += stride)
        {
            for (int j = 0; j < stride; j += ILanes<L>.Count)
            {
                int at = gate + j;
                L.Store((L.Load(gradient + at) * L.Load(gain + at) - mean - L.Load(normal + at) * correlation) * scale * L.Load(units + j), normal + at);
            }
        }
    }
}
