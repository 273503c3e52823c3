namespace SequenceModels.Training;

/// <summary>Times of updates by the number of threads that made them.</summary>
internal sealed class UpdateTimes
{
    private readonly SortedDictionary<int, Sums> _byThreads = [];

    /// <summary>Counts an update.</summary>
    /// <param name="threads">Threads that made it.</param>
    /// <param name="tokens">Tokens that it read.</param>
    /// <param name="seconds">Its duration.</param>
    /// <param name="warm">Whether all that makes first updates slow was over when it began.</param>
    public void Add(int threads, long tokens, double seconds, bool warm)
    {
        if (!_byThreads.TryGetValue(threads, out var sums))
            _byThreads[threads] = sums = new Sums();
        sums.Add(tokens, seconds, warm);
    }

    /// <summary>What the fastest number of threads takes, and the seconds that a run of <paramref name="totalSteps"/> updates loses in finding it.</summary>
    public (Measured Best, double TuningSeconds) Best(long totalSteps)
    {
        // Once the number is settled only one has warm updates.
        var measured = _byThreads.Select(pair => (pair.Value.IsWarm, Result: pair.Value.Result(pair.Key))).ToList();
        var best = measured.OrderByDescending(one => one.IsWarm).ThenByDescending(one => one.Result.TokensPerSecond).First().Result;
        double tokens = (double)measured.Sum(one => one.Result.Tokens) / measured.Sum(one => one.Result.Steps), lost = 0;
        foreach (var (_, other) in measured)
            lost += Math.Max(0, tokens / other.TokensPerSecond - tokens / best.TokensPerSecond);
        return (best, lost * Math.Min(TeamSizeTuner.Rounds, (double)totalSteps / measured.Count));
    }

    /// <summary>Updates of one number of threads.</summary>
    internal readonly record struct Measured(int Threads, int Steps, long Tokens, double Seconds)
    {
        public double TokensPerSecond => Tokens / Seconds;
    }

    /// <summary>The first update, the others before all was warm, and those after that.</summary>
    private sealed class Sums
    {
        private readonly (int Steps, long Tokens, double Seconds)[] _sums = new (int, long, double)[3];

        public bool IsWarm => _sums[2].Steps > 0;

        public void Add(long tokens, double seconds, bool warm)
        {
            int stage = warm ? 2 : _sums[0].Steps == 0 ? 0 : 1;
            _sums[stage] = (_sums[stage].Steps + 1, _sums[stage].Tokens + tokens, _sums[stage].Seconds + seconds);
        }

        /// <summary>The warmest that there are.</summary>
        public Measured Result(int threads)
        {
            var (steps, tokens, seconds) = _sums.Last(sums => sums.Steps > 0);
            return new Measured(threads, steps, tokens, seconds);
        }
    }
}
