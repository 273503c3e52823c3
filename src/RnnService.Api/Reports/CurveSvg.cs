using System.Globalization;
using System.Text;
using SequenceModels.Training;

namespace RnnService.Api.Reports;

/// <summary>The learning curve as a drawing: nothing in it but numbers and words of ours.</summary>
internal static class CurveSvg
{
    private const int Width = 640;
    private const int Height = 280;
    private const int Left = 56;
    private const int Right = 12;
    private const int Top = 12;
    private const int Bottom = 36;
    private const int MostPoints = 400;

    public static string Of(IReadOnlyList<EpochMetrics> curve)
    {
        double[] losses = [.. curve.SelectMany(point => new[] { point.TrainingLoss, point.ValidationLoss }).Where(double.IsFinite)];
        if (losses.Length == 0)
            return "";
        var (low, high, first, last) = (losses.Min(), losses.Max(), curve[0].Step, curve[^1].Step);
        if (high - low < 1e-9)
            high = low + 1;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" aria-label=\"Training and validation loss by update\" font-family=\"sans-serif\" font-size=\"12\">");
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {Top}V{Height - Bottom}H{Width - Right}\" fill=\"none\" stroke=\"#888\"/>");
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{X(LearningCurve.Kept(curve).Step):F1} {Top}V{Height - Bottom}\" stroke=\"#bbb\" stroke-dasharray=\"4 4\"/>");
        foreach (double value in new[] { low, (low + high) / 2, high })
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{Y(value) + 4:F1}\" text-anchor=\"end\">{value:0.###}</text>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{Height - Bottom + 16}\">{first}</text><text x=\"{Width - Right}\" y=\"{Height - Bottom + 16}\" text-anchor=\"end\">{last}</text>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width) / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\">update (dashed: kept)</text>");
        Line(point => point.TrainingLoss, "#1f77b4", "training loss", 0);
        Line(point => point.ValidationLoss, "#d62728", "validation loss", 1);
        return svg.Append("</svg>").ToString();

        double X(long step) => Left + (double)(step - first) / Math.Max(1, last - first) * (Width - Left - Right);
        double Y(double loss) => Top + (high - loss) / (high - low) * (Height - Top - Bottom);

        void Line(Func<EpochMetrics, double> of, string colour, string name, int row)
        {
            int every = Math.Max(1, (curve.Count + MostPoints - 1) / MostPoints);
            var points = curve.Where((point, index) => double.IsFinite(of(point)) && (index % every == 0 || index == curve.Count - 1)).ToList();
            svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"");
            foreach (var point in points)
                svg.Append(CultureInfo.InvariantCulture, $"{X(point.Step):F1},{Y(of(point)):F1} ");
            svg.Append(CultureInfo.InvariantCulture, $"\"/><text x=\"{Width - Right - 4}\" y=\"{Top + 14 + row * 16}\" text-anchor=\"end\" fill=\"{colour}\">{name}</text>");
        }
    }
}
