using System.Globalization;
using System.Text.RegularExpressions;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Reports;

/// <summary>Curves of more validations than epochs.</summary>
public sealed partial class ManyValidationsTests
{
    private const string Version = "/api/v1/models/moods/versions/1";

    [Fact]
    public async Task Card_drawing_and_table_tell_updates_and_the_one_validation_that_was_kept()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.Classifier("moods", epochs: 12);
        request["training"]!["validateEverySteps"] = 1;
        request["training"]!["earlyStoppingPatience"] = 1000;
        await host.TrainAsync(request);
        var curve = (await host.GetAsync($"{Version}/report"))["curve"]!.AsArray();
        long[] steps = [.. curve.Select(point => (long)point!["step"]!)];
        double[] losses = [.. curve.Select(point => (double)point!["validationLoss"]!)];
        long kept = steps[Array.IndexOf(losses, losses.Min())];
        Assert.Equal((12, 60), ((int)curve[^1]!["epoch"]!, steps.Length));

        string card = await host.Client.GetStringAsync(new Uri($"{Version}/card", UriKind.Relative));
        Assert.Contains("12 epochs, 60 validations;", card, StringComparison.Ordinal);
        Assert.Equal(kept.ToString(CultureInfo.InvariantCulture), Assert.Single(Kept().Matches(card)).Groups[1].Value);
        long[] rows = [.. Row().Matches(card).Select(row => long.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.InRange(rows.Length, 20, 27);
        Assert.Equal([1, 60], [rows[0], rows[^1]]);

        string page = await host.Client.GetStringAsync(new Uri($"{Version}/card?format=html", UriKind.Relative));
        Assert.Contains(">1</text>", page, StringComparison.Ordinal);
        Assert.Contains(">60</text>", page, StringComparison.Ordinal);
        // From x = 56 at the first update to 628 at the last.
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"<path d=\"M{56 + (kept - 1) / 59.0 * 572:F1} 12V244\" stroke=\"#bbb\" stroke-dasharray"), page, StringComparison.Ordinal);

        string table = await host.Client.GetStringAsync(new Uri($"{Version}/files/results.csv", UriKind.Relative));
        string[] lines = table.Split('\n', StringSplitOptions.TrimEntries);
        Assert.Equal("section,name,epoch,step,value,lower,upper", lines[0]);
        Assert.Equal(steps, lines.Where(line => line.StartsWith("curve,validationLoss,", StringComparison.Ordinal)).Select(line => long.Parse(line.Split(',')[3], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Where_points_were_left_out_report_and_card_say_so()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.Classifier("moods", epochs: 840);
        request["training"]!["validateEverySteps"] = 1;
        request["training"]!["earlyStoppingPatience"] = 1000;
        await host.TrainAsync(request);
        var report = await host.GetAsync($"{Version}/report");
        long[] steps = [.. report["curve"]!.AsArray().Select(point => (long)point!["step"]!)];
        Assert.Equal((4200, 1, 4200), ((int)report["validations"]!, steps[0], steps[^1]));
        Assert.InRange(steps.Length, 2048, 4096);
        Assert.Equal((double)report["metrics"]!["validationLoss"]!, report["curve"]!.AsArray().Min(point => (double)point!["validationLoss"]!), 1e-12);

        string card = await host.Client.GetStringAsync(new Uri($"{Version}/card", UriKind.Relative));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"840 epochs, 4,200 validations, {steps.Length:#,0} of which the report keeps;"), card, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"(\d+) \(kept\)")]
    private static partial Regex Kept();

    [GeneratedRegex(@"(?m)^\| *\d+ *\| *(\d+)(?: \(kept\))? *\|")]
    private static partial Regex Row();
}
