using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Penalties of large and of quickly changing activations, section 16 of docs/equations.md (Merity, McCann and Socher 2017).</summary>
internal static class TextbookActivationRegularization
{
    /// <summary>AR: α times the mean of the squared activations.</summary>
    /// <param name="outputs">out_t [H,B], one a time step.</param>
    /// <param name="lengths">Valid steps of each example.</param>
    /// <param name="strength">α.</param>
    /// <returns>The penalty, and its gradients.</returns>
    public static (double Penalty, IReadOnlyList<Matrix<double>> DOutputs) Activity(IReadOnlyList<Matrix<double>> outputs, IReadOnlyList<int> lengths, double strength)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(lengths);
        Matrix<double>[] valid = [.. outputs.Select((h, t) => h.WhereColumn(b => t < lengths[b], h.ZerosLike()))];
        double factor = strength / Math.Max(1, (double)outputs[0].RowCount * lengths.Sum());
        return (factor * valid.Sum(h => h.Hadamard(h).Enumerate().Sum()), [.. valid.Select(h => 2 * factor * h)]); // (16.9), (16.10)
    }

    /// <summary>TAR: β times the mean of the squared differences between neighbouring time steps.</summary>
    /// <param name="outputs">out_t [H,B], one a time step.</param>
    /// <param name="lengths">Valid steps of each example.</param>
    /// <param name="strength">β.</param>
    /// <returns>The penalty, and its gradients.</returns>
    public static (double Penalty, IReadOnlyList<Matrix<double>> DOutputs) TemporalActivity(IReadOnlyList<Matrix<double>> outputs, IReadOnlyList<int> lengths, double strength)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(lengths);
        double factor = strength / Math.Max(1, (double)outputs[0].RowCount * lengths.Sum(length => Math.Max(0, length - 1)));
        double sum = 0;
        Matrix<double>[] gradients = [.. outputs.Select(h => h.ZerosLike())];
        for (int t = 1; t < outputs.Count; t++)
        {
            var change = outputs[t] - outputs[t - 1];
            change = change.WhereColumn(b => t < lengths[b], change.ZerosLike());
            sum += change.Hadamard(change).Enumerate().Sum(); // (16.11)
            gradients[t] += 2 * factor * change;              // (16.12)
            gradients[t - 1] -= 2 * factor * change;          // (16.12)
        }

        return (factor * sum, gradients);
    }
}
