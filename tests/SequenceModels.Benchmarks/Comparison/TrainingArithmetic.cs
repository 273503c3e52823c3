namespace SequenceModels.Benchmarks.Comparison;

/// <summary>The floating-point operations of the matrix products of a training step as this library executes them; what is elementwise is left out.</summary>
internal static class TrainingArithmetic
{
    /// <summary>
    /// A product [m,k] x [k,n] is 2 m k n operations, and each product of the forward pass has two of the same size in the backward pass (gradient of its input, gradient of its weights):
    /// <code>
    /// R = B T                                        rows of a step
    /// recurrent, a layer       3 x 2 R H (4H)
    /// input, layers above 1    3 x 2 R H (4H)
    /// input, first layer       3 x 2 N E (4H)  N = V, a table with a row a token where V is at most R / 2; else N = R
    /// output layer             3 x 2 R H V
    /// </code>
    /// </summary>
    public static double Operations(PeerCase item)
    {
        double v = item["vocab"], e = item["embedding"], h = item["hidden"], layers = item["layers"], rows = (double)item["batch"] * item["time"];
        double first = v <= rows / 2 ? v : rows;
        return 3 * 2 * (layers * rows * h * 4 * h + (layers - 1) * rows * h * 4 * h + first * e * 4 * h + rows * h * v);
    }
}
