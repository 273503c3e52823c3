using System.Text.Json.Serialization;

namespace SequenceModels.Benchmarks.Comparison;

/// <summary>The line that every side prints for a case.</summary>
internal sealed record Timing
{
    [JsonPropertyName("peer")]
    public required string Peer { get; init; }

    /// <summary>Tokens or sequences a second over the whole turn.</summary>
    [JsonPropertyName("per_second")]
    public required double PerSecond { get; init; }

    /// <summary>The shortest step.</summary>
    [JsonPropertyName("best_ms")]
    public required double BestMilliseconds { get; init; }

    [JsonPropertyName("unit")]
    public required string Unit { get; init; }
}

/// <summary>All turns of one side with one number of threads.</summary>
internal sealed record Series(int Threads, IReadOnlyList<Timing> Rounds)
{
    [JsonIgnore]
    public double BestMilliseconds => Rounds.Min(round => round.BestMilliseconds);

    [JsonIgnore]
    public double MedianPerSecond
    {
        get
        {
            double[] sorted = [.. Rounds.Select(round => round.PerSecond).Order()];
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }
}
