namespace RnnService.Api.TrainingJobs;

/// <summary>
/// How fast a run makes its updates, told from its own reports. What comes before the first update does not count, and the first updates, which are compiled on the way and try out numbers of threads, soon do not:
/// the later half of the run counts always, of what is before it a part at most.
/// </summary>
internal sealed class RunPace
{
    /// <summary>Seconds of updates before anything is told.</summary>
    private const double LeastSeconds = 2;

    private Mark? _prepared;
    private Mark? _first;
    private Mark _from;
    private Mark _next;

    /// <summary>Updates a second; <c>null</c> while too few have been made.</summary>
    public double? UpdatesPerSecond { get; private set; }

    /// <summary>Counts a report.</summary>
    /// <param name="seconds">Time that the run has taken.</param>
    /// <param name="updates">Updates that it has made.</param>
    public void Add(double seconds, long updates)
    {
        var now = new Mark(seconds, updates);
        _prepared ??= now;
        if (_first is not { } first)
        {
            if (updates > _prepared.Value.Updates)
                _first = _from = _next = now;
            return;
        }

        double passed = seconds - first.Seconds;
        if (passed >= LeastSeconds / 2 && passed >= 2 * (_next.Seconds - first.Seconds))
            (_from, _next) = (_next, now);
        if (passed >= LeastSeconds && updates > _from.Updates)
            UpdatesPerSecond = (updates - _from.Updates) / (seconds - _from.Seconds);
    }

    private readonly record struct Mark(double Seconds, long Updates);
}
