using SequenceModels.Kernels;

namespace SequenceModels.Layers;

/// <summary>
/// How a team shares the time loop of a recurrent layer. Two directions go to two halves of the team, which never wait for each other. Within a direction, members take rows of the batch, which
/// are independent, or units of the layer: then each reads but its part of the weights, which stays in its cache, and all meet once a time step.
/// No choice changes a bit.
/// </summary>
internal sealed class TeamSplit
{
    /// <summary>Units are shared in whole panels of packed weights.</summary>
    private const int UnitGrain = PackedMatrix.PanelWidth;

    /// <summary>Recurrent weights from this size on, in floats, are shared by units: passing all of them by each core in every time step costs more than the meetings (docs/performance.md).</summary>
    private const long LargeWeights = 2 << 20;

    private readonly int _size;
    private readonly int _directions;
    private readonly int _half;
    private readonly SpinBarrier[] _barriers;

    /// <param name="size">Members of the team.</param>
    /// <param name="directions">1 or 2.</param>
    public TeamSplit(int size, int directions)
    {
        (_size, _directions) = (size, directions);
        _half = directions == 2 && size > 1 ? (size + 1) / 2 : size;
        _barriers = directions == 2 && size > 1 ? [new SpinBarrier(_half), new SpinBarrier(size - _half)] : [new SpinBarrier(size)];
    }

    /// <summary>What falls to a member.</summary>
    /// <param name="member">Its number.</param>
    /// <param name="batch">B.</param>
    /// <param name="stride">S.</param>
    /// <param name="weights">Floats of the recurrent weights of a direction.</param>
    /// <param name="unitsAreApart">Whether units can be computed apart from each other.</param>
    public Share For(int member, int batch, int stride, long weights, bool unitsAreApart)
    {
        bool apart = _directions == 2 && _size > 1;
        int direction = apart && member >= _half ? 1 : 0;
        int part = direction == 1 ? member - _half : member;
        int parts = !apart ? _size : direction == 0 ? _half : _size - _half;
        int first = apart ? direction : 0, end = apart ? direction + 1 : _directions;
        var barrier = _barriers[direction];
        if (unitsAreApart && parts > 1 && stride % UnitGrain == 0 && stride / UnitGrain >= parts && (weights >= LargeWeights || batch < parts))
            return new Share(first, end, 0, batch, Part(part, parts, stride / UnitGrain) * UnitGrain, Part(part + 1, parts, stride / UnitGrain) * UnitGrain, barrier);
        return new Share(first, end, Part(part, parts, batch), Part(part + 1, parts, batch), 0, stride, null);
    }

    private static int Part(int part, int parts, int count) => (int)((long)count * part / parts);

    /// <summary>A member's part: directions, rows and units, each from the first to before the last.</summary>
    /// <param name="FirstDirection">First direction.</param>
    /// <param name="EndDirection">One more than the last direction.</param>
    /// <param name="FirstRow">First row of the batch.</param>
    /// <param name="EndRow">One more than the last row.</param>
    /// <param name="FirstUnit">First unit.</param>
    /// <param name="EndUnit">One more than the last unit.</param>
    /// <param name="Barrier">Where the members of a direction meet after each time step, if they share its units.</param>
    internal readonly record struct Share(int FirstDirection, int EndDirection, int FirstRow, int EndRow, int FirstUnit, int EndUnit, SpinBarrier? Barrier);
}
