using System.Text;

namespace SequenceModels.Benchmarks.Comparison;

/// <summary>A comparison as a table of Markdown, readable in a terminal too.</summary>
internal static class MarkdownTable
{
    public static string Of(ComparisonResult result)
    {
        var machine = result.Machine;
        var text = new StringBuilder();
        text.Append(FormattableString.Invariant($"{machine.Processor}, {machine.Cores} cores, {machine.VectorBits}-bit vectors, {machine.PeakOperations / 1e9:F0} GFLOP/s measured with {result.Threads} threads;\n"));
        text.Append(FormattableString.Invariant($"{machine.Runtime}, {machine.OperatingSystem}{(result.PeerVersions is null ? "" : $"; peers: {result.PeerVersions}")}; {result.Date:yyyy-MM-dd}.\n\n"));
        text.Append("Best: the shortest step. Rate: the median over the rounds. Ratios above 1: this library is faster. A target is at least / aimed at, held against the ratio of bests.\n\n");
        text.Append("| case | best, ms | peer, ms | **ratio** | rate /s | peer /s | ratio | share of peak | target | |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|---|\n");
        foreach (var item in result.Cases)
        {
            string share = item.ShareOf(machine.PeakOperations) is { } part ? FormattableString.Invariant($"{100 * part:F0} %") : "";
            string target = item.Target is { } wanted ? FormattableString.Invariant($"{wanted.AtLeast} / {wanted.AimedAt}") : "";
            string passed = item.Passed switch { null => "", true => item.RatioOfBests >= item.Target!.AimedAt ? "aim reached" : "pass", false => "**fail**" };
            text.Append(FormattableString.Invariant(
                $"| {item.Case} | {Short(item.Ours.BestMilliseconds)} | {Short(item.PeerBestMilliseconds)} | **{item.RatioOfBests:F2}** | {item.Ours.MedianPerSecond:N0} | {item.PeerMedianPerSecond:N0} | {item.RatioOfMedians:F2} | {share} | {target} | {passed} |\n"));
        }

        return text.ToString();
    }

    private static string Short(double milliseconds) => FormattableString.Invariant($"{milliseconds:G4}");
}
