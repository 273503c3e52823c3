using System.Runtime.CompilerServices;

namespace SequenceModels.Kernels;

/// <summary>
/// LSTM with layer normalisation (docs/equations.md, section 15). Where whole products are normalised, the input's comes normalised already. Needs whole rows of units, and a trace in each pass.
/// Blocks of the products: i, f, g, o; of the trace: i, f, g, o, what was normalised for each of them, what was normalised of the cell state, then <see cref="Scalars"/> floats: 1 / deviation of each gate and of the cell;
/// of the parameters: four gains of gates, gain and shift of the cell, gate by gate also four shifts, and last 1 for each unit and 0 for padding.
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

    private static int UnitsBlock => TDefinition.GateByGate ? Shifts + Gates : Shifts;

    /// <summary>gamma by (15.8) or (15.9); i, f, o = sigmoid, g = tanh (15.10); s = f c_prev + i g (15.11); n = LN(s) (15.12); c = s or n (15.13); h = o tanh(n) (15.14).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L>(in CellStep row)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* trace = row.Trace, normal = trace + Gates * stride, cellNormal = normal + Gates * stride, scalars = cellNormal + stride;
        float* units = row.Parameters + UnitsBlock * stride, gain = row.Parameters, shift = gain + Shifts * stride;
        float* means = stackalloc float[Gates];
        Moments<L>(row, units, means, scalars);

        L sum = L.Broadcast(0);
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L unit = L.Load(units + j);
            L i = Exponential.Sigmoid(PreActivation<L>(row, 0, j, unit, means, scalars, gain, shift, normal));
            L f = Exponential.Sigmoid(PreActivation<L>(row, 1, j, unit, means, scalars, gain, shift, normal));
            L g = Exponential.Tanh(PreActivation<L>(row, 2, j, unit, means, scalars, gain, shift, normal));
            L o = Exponential.Sigmoid(PreActivation<L>(row, 3, j, unit, means, scalars, gain, shift, normal));
            L s = L.FusedMultiplyAdd(f, L.Load(row.PreviousCell + j), i * g);
            L.Store(i, trace + j);
            L.Store(f, trace + stride + j);
            L.Store(g, trace + 2 * stride + j);
            L.Store(o, trace + 3 * stride + j);
            L.Store(s, row.Cell + j);
            sum += s;
        }

        L mean = L.Broadcast(Fold.Sum(sum) / row.Units), squares = L.Broadcast(0);
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L centred = (L.Load(row.Cell + j) - mean) * L.Load(units + j);
            L.Store(centred, cellNormal + j);
            squares = L.FusedMultiplyAdd(centred, centred, squares);
        }

        scalars[Gates] = RowNormalization.InverseDeviation(Fold.Sum(squares), row.Units);
        L scale = L.Broadcast(scalars[Gates]);
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L centred = L.Load(cellNormal + j) * scale;
            L n = L.FusedMultiplyAdd(L.Load(gain + CellGain * stride + j), centred, L.Load(gain + CellShift * stride + j));
            L tanh = Exponential.Tanh(n);
            L.Store(centred, cellNormal + j);
            L.Store(tanh, row.CellTanh + j);
            L.Store(L.Load(trace + 3 * stride + j) * tanh, row.Hidden + j);
            if (TDefinition.CarriesNormal)
                L.Store(n, row.Cell + j);
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
        int stride = row.Stride;
        float* trace = row.Trace, normal = trace + Gates * stride, cellNormal = normal + Gates * stride, scalars = cellNormal + stride;
        float* units = row.Parameters + UnitsBlock * stride, gain = row.Parameters, sums = row.ParameterGradient, cell = row.CellGradient, scratch = row.CellTanh;
        L one = L.Broadcast(1), zero = L.Broadcast(0), sum = zero, product = zero;
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L o = L.Load(trace + 3 * stride + j), tanh = L.Load(row.CellTanh + j), v = L.Load(cellNormal + j), dh = L.Load(row.HiddenGradient + j);
            if (row.OutputGradient is not null)
                dh += L.Load(row.OutputGradient + j);
            L dn = dh * o * (one - tanh * tanh);
            if (TDefinition.CarriesNormal)
                dn += L.Load(cell + j);
            L.Store(dh * tanh * (o * (one - o)), trace + 3 * stride + j);
            L.Store(zero, row.HiddenGradient + j);
            AddTo(sums + CellGain * stride + j, dn * v);
            AddTo(sums + CellShift * stride + j, dn);
            L dv = dn * L.Load(gain + CellGain * stride + j);
            L.Store(dv, scratch + j);
            sum += dv;
            product = L.FusedMultiplyAdd(dv, v, product);
        }

        L mean = L.Broadcast(Fold.Sum(sum) / row.Units), correlation = L.Broadcast(Fold.Sum(product) / row.Units), scale = L.Broadcast(scalars[Gates]);
        L sumI = zero, sumF = zero, sumG = zero, sumO = zero, productI = zero, productF = zero, productG = zero, productO = zero;
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L i = L.Load(trace + j), f = L.Load(trace + stride + j), g = L.Load(trace + 2 * stride + j);
            L ds = (L.Load(scratch + j) - mean - L.Load(cellNormal + j) * correlation) * scale * L.Load(units + j);
            if (!TDefinition.CarriesNormal)
                ds += L.Load(cell + j);
            L.Store(ds * f, cell + j);
            Gate(ds * g * (i * (one - i)), trace, normal, gain, sums, stride, j, ref sumI, ref productI);
            Gate(ds * L.Load(row.PreviousCell + j) * (f * (one - f)), trace, normal, gain, sums, stride, stride + j, ref sumF, ref productF);
            Gate(ds * i * (one - g * g), trace, normal, gain, sums, stride, 2 * stride + j, ref sumG, ref productG);
            Gate(L.Load(trace + 3 * stride + j), trace, normal, gain, sums, stride, 3 * stride + j, ref sumO, ref productO);
        }

        if (!TDefinition.GateByGate)
        {
            // One mean over all gates.
            L all = sumI + sumF + (sumG + sumO), allProducts = productI + productF + (productG + productO);
            mean = L.Broadcast(Fold.Sum(all) / (Gates * row.Units));
            correlation = L.Broadcast(Fold.Sum(allProducts) / (Gates * row.Units));
            Differentiate(row, 0, Gates, mean, correlation, L.Broadcast(scalars[0]));
            return;
        }

        Differentiate(row, 0, 1, L.Broadcast(Fold.Sum(sumI) / row.Units), L.Broadcast(Fold.Sum(productI) / row.Units), L.Broadcast(scalars[0]));
        Differentiate(row, 1, 2, L.Broadcast(Fold.Sum(sumF) / row.Units), L.Broadcast(Fold.Sum(productF) / row.Units), L.Broadcast(scalars[1]));
        Differentiate(row, 2, 3, L.Broadcast(Fold.Sum(sumG) / row.Units), L.Broadcast(Fold.Sum(productG) / row.Units), L.Broadcast(scalars[2]));
        Differentiate(row, 3, 4, L.Broadcast(Fold.Sum(sumO) / row.Units), L.Broadcast(Fold.Sum(productO) / row.Units), L.Broadcast(scalars[3]));
    }

    /// <summary>What is normalised of a gate: the recurrent product, or the sum of both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L Value<L>(in CellStep row, int at)
        where L : struct, ILanes<L> =>
        TDefinition.GateByGate ? L.Load(row.Input + at) + L.Load(row.Recurrent + at) : L.Load(row.Recurrent + at);

    /// <summary>Means (15.1) and 1 / deviations (15.2) of the gates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Moments<L>(in CellStep row, float* units, float* means, float* scalars)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        L zero = L.Broadcast(0), i = zero, f = zero, g = zero, o = zero;
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            i += Value<L>(row, j);
            f += Value<L>(row, stride + j);
            g += Value<L>(row, 2 * stride + j);
            o += Value<L>(row, 3 * stride + j);
        }

        if (TDefinition.GateByGate)
            (means[0], means[1], means[2], means[3]) = (Fold.Sum(i) / row.Units, Fold.Sum(f) / row.Units, Fold.Sum(g) / row.Units, Fold.Sum(o) / row.Units);
        else
            means[0] = means[1] = means[2] = means[3] = Fold.Sum(i + f + (g + o)) / (Gates * row.Units);
        L meanI = L.Broadcast(means[0]), meanF = L.Broadcast(means[1]), meanG = L.Broadcast(means[2]), meanO = L.Broadcast(means[3]);
        i = f = g = o = zero;
        for (int j = 0; j < stride; j += ILanes<L>.Count)
        {
            L unit = L.Load(units + j);
            L centredI = (Value<L>(row, j) - meanI) * unit, centredF = (Value<L>(row, stride + j) - meanF) * unit;
            L centredG = (Value<L>(row, 2 * stride + j) - meanG) * unit, centredO = (Value<L>(row, 3 * stride + j) - meanO) * unit;
            i = L.FusedMultiplyAdd(centredI, centredI, i);
            f = L.FusedMultiplyAdd(centredF, centredF, f);
            g = L.FusedMultiplyAdd(centredG, centredG, g);
            o = L.FusedMultiplyAdd(centredO, centredO, o);
        }

        if (!TDefinition.GateByGate)
        {
            scalars[0] = scalars[1] = scalars[2] = scalars[3] = RowNormalization.InverseDeviation(Fold.Sum(i + f + (g + o)), Gates * row.Units);
            return;
        }

        scalars[0] = RowNormalization.InverseDeviation(Fold.Sum(i), row.Units);
        scalars[1] = RowNormalization.InverseDeviation(Fold.Sum(f), row.Units);
        scalars[2] = RowNormalization.InverseDeviation(Fold.Sum(g), row.Units);
        scalars[3] = RowNormalization.InverseDeviation(Fold.Sum(o), row.Units);
    }

    /// <summary>A gate's normalised value (15.3), kept, and its pre-activation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L PreActivation<L>(in CellStep row, int gate, int j, L unit, float* means, float* scalars, float* gain, float* shift, float* normal)
        where L : struct, ILanes<L>
    {
        int at = gate * row.Stride + j;
        L v = (Value<L>(row, at) - L.Broadcast(means[gate])) * unit * L.Broadcast(scalars[gate]);
        L.Store(v, normal + at);
        return L.FusedMultiplyAdd(L.Load(gain + at), v, L.Load((TDefinition.GateByGate ? shift : row.Input) + at));
    }

    /// <summary>Stores a gate's dgamma, adds its gradients of gain and shift, and takes the sums over dgamma gain that (15.6) needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gate<L>(L gradient, float* trace, float* normal, float* gain, float* sums, int stride, int at, ref L sum, ref L product)
        where L : struct, ILanes<L>
    {
        L v = L.Load(normal + at), dv = gradient * L.Load(gain + at);
        L.Store(gradient, trace + at);
        AddTo(sums + at, gradient * v);
        if (TDefinition.GateByGate)
            AddTo(sums + Shifts * stride + at, gradient);
        sum += dv;
        product = L.FusedMultiplyAdd(dv, v, product);
    }

    /// <summary>(15.6) for some gates of one mean.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate<L>(in CellStep row, int first, int end, L mean, L correlation, L scale)
        where L : struct, ILanes<L>
    {
        int stride = row.Stride;
        float* normal = row.Trace + Gates * stride, gain = row.Parameters, units = gain + UnitsBlock * stride, destination = TDefinition.GateByGate ? row.Trace : normal;
        for (int gate = first * stride; gate < end * stride; gate += stride)
        {
            for (int j = 0; j < stride; j += ILanes<L>.Count)
            {
                L dv = L.Load(row.Trace + gate + j) * L.Load(gain + gate + j);
                L.Store((dv - mean - L.Load(normal + gate + j) * correlation) * scale * L.Load(units + j), destination + gate + j);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo<L>(float* sum, L value)
        where L : struct, ILanes<L> =>
        L.Store(L.Load(sum) + value, sum);
}
