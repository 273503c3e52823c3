using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>
/// Layer normalisation of the input's products of a direction (docs/equations.md, (15.8)), ahead of the time loop, and its gradients, behind it. Rows are a step's positions or, in a table, tokens.
/// Gradients of gain and shift are summed in blocks of rows of a fixed size, the blocks in their order: neither threads nor shares change a bit.
/// </summary>
internal static unsafe class InputNormalization
{
    /// <summary>Rows whose gradients are summed together.</summary>
    private const int BlockRows = 64;

    /// <summary>Multiply-adds that take the time of one float in <see cref="Backward"/>.</summary>
    public const int Operations = 8;

    /// <summary>Floats that <see cref="Backward"/> sums in.</summary>
    public static long SumsLength(int rows, int columns) => (long)Blocks(rows) * 2 * columns;

    /// <summary>Normalises rows.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="weights">The layer.</param>
    /// <param name="direction">The direction.</param>
    /// <param name="products">[rows, InputStride] W_ih x, overwritten with what was normalised.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="scales">[rows] receives 1 / deviation.</param>
    /// <param name="result">[rows, resultStride] receives the result; may be <paramref name="products"/>.</param>
    /// <param name="resultStride">Floats from one row of it to the next.</param>
    public static void Forward(KernelSet kernels, RecurrentWeights weights, int direction, float* products, int rows, float* scales, float* result, nint resultStride)
    {
        int columns = weights.InputStride;
        kernels.NormalizeRows(products, columns, rows, columns, weights.Cell.Gates * weights.HiddenSize, weights[direction].Normalization, scales, result, resultStride);
    }

    /// <summary>A member's blocks of rows: turns the gradients of the results into those of the products.</summary>
    /// <param name="context">Kernels and team.</param>
    /// <param name="member">Number of the team's member.</param>
    /// <param name="weights">The layer.</param>
    /// <param name="direction">The direction.</param>
    /// <param name="gradients">[rows, stride], overwritten.</param>
    /// <param name="stride">Floats from one row of it to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="normal">[rows, InputStride] what was normalised.</param>
    /// <param name="scales">[rows] 1 / deviation.</param>
    /// <param name="sums">[<see cref="SumsLength"/>] receives the gradients of gain and shift by blocks.</param>
    public static void Backward(ComputeContext context, int member, RecurrentWeights weights, int direction, float* gradients, nint stride, int rows, float* normal, float* scales, float* sums)
    {
        int columns = weights.InputStride;
        var (first, end) = context.Team.Share(member, Blocks(rows));
        for (int block = first; block < end; block++)
        {
            int start = block * BlockRows, count = Math.Min(BlockRows, rows - start);
            float* own = sums + (long)block * 2 * columns;
            Memory.Clear(own, 2L * columns);
            context.Kernels.NormalizeRowsBackward(
                gradients + start * stride, stride, count, columns, weights.Cell.Gates * weights.HiddenSize, weights[direction].Normalization, scales + start, normal + (long)start * columns, own);
        }
    }

    /// <summary>Adds the blocks' sums to the gradients of the gain and of all shifts.</summary>
    public static void AddGradients(KernelSet kernels, RecurrentWeights weights, int direction, float* sums, int rows)
    {
        int columns = weights.InputStride, stride = weights.Stride, h = weights.HiddenSize;
        for (int block = 1; block < Blocks(rows); block++)
            kernels.Add(sums + (long)block * 2 * columns, sums, 2L * columns);
        var target = weights[direction];
        for (int gate = 0; gate < weights.Cell.Gates; gate++)
        {
            kernels.Add(sums + gate * stride, target.InputGain!.Gradient + gate * h, h);
            foreach (var shift in target.Biases)
                kernels.Add(sums + columns + gate * stride, shift.Gradient + gate * h, h);
        }
    }

    private static int Blocks(int rows) => (rows + BlockRows - 1) / BlockRows;
}
