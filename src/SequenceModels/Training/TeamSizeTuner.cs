using SequenceModels.Kernels;

namespace SequenceModels.Training;

/// <summary>
/// Finds by measurement how many of a team's threads a run is fastest with: the first steps are done by all of them, by half, by a quarter and so on down to one, in turns, and the
/// rest by the number with the least time a token. Small networks lose more to the meetings of threads than they gain. The number of threads changes no bit of the result.
/// </summary>
internal sealed class TeamSizeTuner
{
    /// <summary>Steps that each number of threads is tried for.</summary>
    public const int Rounds = 6;

    private readonly ThreadTeam _team;
    private readonly int[] _sizes;
    private readonly double[] _least;
    private int _step;

    /// <param name="team">The team; all its members take part at first.</param>
    public TeamSizeTuner(ThreadTeam team)
    {
        _team = team;
        var sizes = new List<int>();
        for (int size = team.Capacity; size >= 1; size = size == 1 ? 0 : (size + 1) / 2)
            sizes.Add(size);
        (_sizes, _least) = ([.. sizes], new double[sizes.Count]);
        Array.Fill(_least, double.PositiveInfinity);
    }

    /// <summary>Whether the number is settled.</summary>
    public bool Settled => _sizes.Length == 1 || _step >= Rounds * _sizes.Length;

    /// <summary>Sets the team's size for the next step. The first round warms up and does not count.</summary>
    public void BeforeStep()
    {
        if (!Settled)
            _team.Use(_sizes[_step % _sizes.Length]);
    }

    /// <summary>Takes the time of the step just done.</summary>
    /// <param name="elapsed">Its duration.</param>
    /// <param name="tokens">Tokens that it read.</param>
    public void AfterStep(TimeSpan elapsed, long tokens)
    {
        if (Settled)
            return;
        int candidate = _step % _sizes.Length;
        if (_step >= _sizes.Length)
            _least[candidate] = Math.Min(_least[candidate], elapsed.TotalSeconds / tokens);
        _step++;
        if (Settled)
            _team.Use(_sizes[Array.IndexOf(_least, _least.Min())]);
    }
}
