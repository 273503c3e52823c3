using System.Text.Json.Serialization;

namespace SequenceModels.Benchmarks.Comparison;

/// <summary>One case, measured on both sides.</summary>
/// <param name="Case">KIND:CASE.</param>
/// <param name="Ours">This library's turns.</param>
/// <param name="Peers">The peer's, one series a number of threads; the better one counts, for the shortest step and for the median each.</param>
/// <param name="Operations">Floating-point operations of a training step as this library does them, or <c>null</c>.</param>
/// <param name="Target">What is asked of the ratio, or <c>null</c>.</param>
internal sealed record CaseResult(string Case, Series Ours, IReadOnlyList<Series> Peers, double? Operations, Target? Target)
{
    [JsonIgnore]
    public double PeerBestMilliseconds => Peers.Min(series => series.BestMilliseconds);

    [JsonIgnore]
    public double PeerMedianPerSecond => Peers.Max(series => series.MedianPerSecond);

    /// <summary>The peer's shortest step / ours. Targets are judged by it: a machine's other work lengthens steps, it shortens none.</summary>
    public double RatioOfBests => PeerBestMilliseconds / Ours.BestMilliseconds;

    /// <summary>Our median rate / the peer's.</summary>
    public double RatioOfMedians => Ours.MedianPerSecond / PeerMedianPerSecond;

    /// <summary>Whether the ratio is what it has to be; <c>null</c> without a target.</summary>
    public bool? Passed => Target is null ? null : RatioOfBests >= Target.AtLeast;

    /// <summary>Share of the machine's peak that the shortest training step reaches.</summary>
    public double? ShareOf(double peak) => Operations / (Ours.BestMilliseconds * 1e-3) / peak;
}
