using System.Text;

namespace SequenceModels.Benchmarks.Comparison;

/// <summary>The ratios as a bar chart in SVG: colours follow the reader's light or dark scheme, a title and a description stand for the picture where it is not seen.</summary>
internal static class RatioChart
{
    private const int Width = 760;
    private const int Left = 190;
    private const int Right = 70;
    private const int Top = 56;
    private const int Row = 26;
    private const int Bar = 16;

    public static string Of(ComparisonResult result)
    {
        var cases = result.Cases;
        double largest = Math.Max(2, Math.Ceiling(cases.Max(item => item.RatioOfBests)));
        double unit = (Width - Left - Right) / largest;
        int height = Top + Row * cases.Count + 40;
        var svg = new StringBuilder();
        string described = string.Join("; ", cases.Select(item => FormattableString.Invariant($"{item.Case} {item.RatioOfBests:F2}")));
        svg.Append(FormattableString.Invariant($$"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{Width}} {{height}}" width="{{Width}}" height="{{height}}" role="img" aria-labelledby="title description">
            <title id="title">How many times as fast as its peer</title>
            <desc id="description">Shortest step of the peer divided by this library's, by case: {{described}}.</desc>
            <style>
            text { font: 13px system-ui, sans-serif; fill: #1f2328 } .small { font-size: 11px; fill: #59636e } .head { font-size: 15px; font-weight: 600 }
            .bar { fill: #0969da } .grid { stroke: #d1d9e0 } .even { stroke: #59636e; stroke-dasharray: 4 3 }
            @media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .small { fill: #9198a1 } .bar { fill: #4493f8 } .grid { stroke: #3d444d } .even { stroke: #9198a1 } }
            </style>
            <text class="head" x="12" y="22">Times as fast as PyTorch (train) and ONNX Runtime (sample, classify)</text>
            <text class="small" x="12" y="40">{{Escape(result.Machine.Processor)}}, {{result.Threads}} threads{{(result.PeerVersions is null ? "" : ", " + Escape(result.PeerVersions))}}; dashed: as fast</text>

            """));
        for (int tick = 0; tick <= largest; tick++)
        {
            double x = Left + tick * unit;
            svg.Append(FormattableString.Invariant($"<line class=\"{(tick == 1 ? "even" : "grid")}\" x1=\"{x:F1}\" y1=\"{Top - 6}\" x2=\"{x:F1}\" y2=\"{height - 30}\"/>\n"));
            svg.Append(FormattableString.Invariant($"<text class=\"small\" x=\"{x:F1}\" y=\"{height - 14}\" text-anchor=\"middle\">{tick}</text>\n"));
        }

        for (int i = 0; i < cases.Count; i++)
        {
            int y = Top + i * Row;
            double length = cases[i].RatioOfBests * unit;
            svg.Append(FormattableString.Invariant($"<text x=\"{Left - 8}\" y=\"{y + 13}\" text-anchor=\"end\">{Escape(Label(cases[i].Case))}</text>\n"));
            svg.Append(FormattableString.Invariant($"<rect class=\"bar\" x=\"{Left}\" y=\"{y}\" width=\"{length:F1}\" height=\"{Bar}\" rx=\"2\"/>\n"));
            svg.Append(FormattableString.Invariant($"<text x=\"{Left + length + 6:F1}\" y=\"{y + 13}\">{cases[i].RatioOfBests:F2}</text>\n"));
        }

        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>KIND:KIND-CASE says its kind twice.</summary>
    private static string Label(string selection)
    {
        string[] parts = selection.Split(':');
        int dash = parts[1].IndexOf('-', StringComparison.Ordinal);
        return $"{parts[0]} {parts[1][(dash + 1)..]}";
    }

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
