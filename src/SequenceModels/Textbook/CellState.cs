using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>What a recurrent cell carries from one step to the next, or the gradient with respect to it.</summary>
/// <param name="H">Hidden state [H,B], one example a column.</param>
/// <param name="C">Cell state [H,B] of an LSTM; <c>null</c> for cells that have none.</param>
public sealed record CellState(Matrix<double> H, Matrix<double>? C = null)
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
}
