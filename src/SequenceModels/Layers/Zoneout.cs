namespace SequenceModels.Layers;

/// <summary>Which part of its old states a recurrent layer keeps at each step (docs/equations.md, 16.4): by masks while training, by the expectation of them afterwards.</summary>
/// <param name="Hidden">[T,B,D x S] of the hidden states, 0 or 1, or <c>null</c>.</param>
/// <param name="Cell">[T,B,D x S] of the cell states, or <c>null</c>.</param>
/// <param name="Rate">That part where there are no masks.</param>
internal readonly unsafe record struct Zoneout(nint Hidden, nint Cell, float Rate)
{
    /// <summary>Whether anything is kept.</summary>
    public bool Active => Hidden != 0 || Rate > 0;
}
