using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>
/// Where a mask can be put besides a single activation, sections 8 and 16 of docs/equations.md. A mask holds 0, or 1 / (1 - p). Each operation is its own
/// backward: a gradient is multiplied by the same mask.
/// </summary>
internal static class TextbookDropout
{
    /// <summary>The mask of kept (1) and dropped (0) elements, scaled so that the mean stays the same.</summary>
    /// <param name="kept">Ones and zeros.</param>
    /// <param name="probability">p, of dropping an element.</param>
    /// <returns>0, or 1 / (1 - p).</returns>
    public static Matrix<double> Mask(Matrix<double> kept, double probability)
    {
        ArgumentNullException.ThrowIfNull(kept);
        return kept / (1 - probability); // (8.9)
    }

    /// <summary>A mask a time step (Zaremba et al. 2014: between layers).</summary>
    /// <param name="steps">Activations, or the gradients with respect to the result.</param>
    /// <param name="masks">As many.</param>
    /// <returns>The products.</returns>
    public static IReadOnlyList<Matrix<double>> EachStep(IReadOnlyList<Matrix<double>> steps, IReadOnlyList<Matrix<double>> masks) =>
        [.. steps.Zip(masks, (step, mask) => mask.Hadamard(step))]; // (8.9)

    /// <summary>One mask for all time steps (locked dropout, Gal and Ghahramani 2016, Merity et al. 2018).</summary>
    /// <param name="steps">Activations, or the gradients with respect to the result.</param>
    /// <param name="mask">Of one step's shape.</param>
    /// <returns>The products.</returns>
    public static IReadOnlyList<Matrix<double>> Locked(IReadOnlyList<Matrix<double>> steps, Matrix<double> mask) =>
        [.. steps.Select(step => mask.Hadamard(step))]; // (16.1)

    /// <summary>A mask of the recurrent weights, drawn once for all time steps (DropConnect: Wan et al. 2013, Merity et al. 2018).</summary>
    /// <param name="parameters">A cell's parameters, or the gradients with respect to the result.</param>
    /// <param name="mask">[G*H,H].</param>
    /// <returns>Parameters whose recurrent weights are masked; the others are the same.</returns>
    public static CellParameters RecurrentWeights(CellParameters parameters, Matrix<double> mask)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return parameters with { WeightHh = mask.Hadamard(parameters.WeightHh) }; // (16.2)
    }

    /// <summary>A mask of whole rows of the embedding: a dropped token is dropped wherever it stands (Gal and Ghahramani 2016).</summary>
    /// <param name="embedding">E [V,E], or the gradient with respect to the result.</param>
    /// <param name="mask">[V,1].</param>
    /// <returns>The masked rows.</returns>
    public static Matrix<double> EmbeddingRows(Matrix<double> embedding, Matrix<double> mask) => embedding.TimesColumn(mask); // (16.3)
}
