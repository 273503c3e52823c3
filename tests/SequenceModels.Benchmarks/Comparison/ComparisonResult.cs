using System.Text.Json;

namespace SequenceModels.Benchmarks.Comparison;

/// <summary>A whole comparison, as it is kept in a file.</summary>
internal sealed record ComparisonResult
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public required DateTimeOffset Date { get; init; }

    public required Machine Machine { get; init; }

    /// <summary>As told on the command line.</summary>
    public string? PeerVersions { get; init; }

    public required int Threads { get; init; }

    public required double SecondsATurn { get; init; }

    public required IReadOnlyList<CaseResult> Cases { get; init; }

    public static ComparisonResult Read(string file) =>
        JsonSerializer.Deserialize<ComparisonResult>(File.ReadAllText(file), Format) ?? throw new InvalidDataException($"{file} holds no result.");

    /// <summary>Parts measured apart, on one machine, as one: the cases of all, of one measured twice the later, and the highest peak that was seen.</summary>
    /// <exception cref="ArgumentException">They are of different machines, peers or threads.</exception>
    public static ComparisonResult Together(IReadOnlyList<ComparisonResult> parts)
    {
        var first = parts[0];
        double peak = parts.Max(part => part.Machine.PeakOperations);
        foreach (var part in parts)
        {
            if (part.Machine with { PeakOperations = 0 } != first.Machine with { PeakOperations = 0 } || part.PeerVersions != first.PeerVersions || part.Threads != first.Threads)
                throw new ArgumentException("The results are of different machines, peers or threads.");
        }

        return first with { Machine = first.Machine with { PeakOperations = peak }, Cases = [.. parts.SelectMany(part => part.Cases).GroupBy(item => item.Case).Select(same => same.Last())] };
    }

    public void Write(string file) => File.WriteAllText(file, JsonSerializer.Serialize(this, Format) + "\n");
}
