using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>What a recurrent cell carries from one step to the next, or the gradient with respect to it.</summary>
/// <param name="H">Hidden state [H,B], one example a column.</param>
/// <param name="C">Cell state [H,B] of an LSTM; <c>null</c> for cells that have none.</param>
internal sealed record CellState(Matrix<double> H, Matrix<double>? C = null)
{
    /// <summary>Zeros of the same shapes.</summary>
    public CellState ZerosLike() => new(H.ZerosLike(), C?.ZerosLike());

    /// <summary>Column by column this state where <paramref name="keep"/> holds, else <paramref name="otherwise"/>.</summary>
    /// <param name="keep">Says of an example's column whether this state is taken.</param>
    /// <param name="otherwise">The state taken for the others.</param>
    /// <returns>The mixed state.</returns>
    public CellState Where(Func<int, bool> keep, CellState otherwise)
    {
        ArgumentNullException.ThrowIfNull(otherwise);
        return new CellState(H.WhereColumn(keep, otherwise.H), C?.WhereColumn(keep, otherwise.C!));
    }

    /// <summary>Element by element (1 - <paramref name="kept"/>) times this state plus <paramref name="kept"/> times the other.</summary>
    /// <param name="kept">Part of the other, 0..1.</param>
    /// <param name="otherwise">The other.</param>
    /// <returns>The mixed state.</returns>
    public CellState Blend(CellState kept, CellState otherwise)
    {
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(otherwise);
        return new CellState(Mix(H, kept.H, otherwise.H), C is null ? null : Mix(C, kept.C!, otherwise.C!));
        static Matrix<double> Mix(Matrix<double> value, Matrix<double> part, Matrix<double> other) => (1 - part).Hadamard(value) + part.Hadamard(other);
    }

    /// <summary>Element by element sum.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other, of the same shapes.</param>
    /// <returns>The sum.</returns>
    public static CellState Add(CellState left, CellState right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new CellState(left.H + right.H, left.C is null ? null : left.C + right.C!);
    }
}
