using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CsvHelper;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Reports;

public sealed class ResultsCsvTests
{
    private const string Path = "/api/v1/models/moods/versions/1/files/results.csv";

    [Fact]
    public async Task Metrics_and_curve_come_as_a_table_in_which_no_label_is_a_formula()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.Classifier("moods");
        request["dataset"] = new JsonObject { ["examples"] = new JsonArray([.. Enumerable.Range(0, 40).Select(i => (JsonNode)new JsonObject { ["text"] = $"text {i}", ["label"] = (i % 4) switch { 0 => "=1+1", 1 => "@sum(a1)", 2 => "-2", _ => "a \"quoted\", b" } })]) };
        await host.TrainAsync(request);
        using var response = await host.Client.GetAsync(new Uri(Path, UriKind.Relative));
        string text = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("results.csv", response.Content.Headers.ContentDisposition?.FileName);
        Assert.NotNull(response.Headers.ETag);

        var rows = Rows(text);
        var report = await host.GetAsync("/api/v1/models/moods/versions/1/report");
        var accuracy = rows.Single(row => row[0] == "metric" && row[1] == "accuracy");
        Assert.Equal((double)report["metrics"]!["accuracy"]!, double.Parse(accuracy[4], CultureInfo.InvariantCulture));
        Assert.Equal((double)report["evaluation"]!["confidence"]!["intervals"]!["accuracy"]!["upper"]!, double.Parse(accuracy[6], CultureInfo.InvariantCulture));
        Assert.Equal(report["curve"]!.AsArray().Select(point => (double)point!["validationLoss"]!),
            rows.Where(row => row[0] == "curve" && row[1] == "validationLoss").Select(row => double.Parse(row[4], CultureInfo.InvariantCulture)));
        Assert.Equal(["'-2", "'=1+1", "'@sum(a1)", "a \"quoted\", b"], rows.Where(row => row[0] == "f1").Select(row => row[1]).Order(StringComparer.Ordinal));
        Assert.All(rows.SelectMany(row => row), field => Assert.False(field.Length > 0 && "=+-@\t\r".Contains(field[0]), field));

        using var again = new HttpRequestMessage(HttpMethod.Get, new Uri(Path, UriKind.Relative));
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using var unchanged = await host.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        await host.GetAsync("/api/v1/models/moods/versions/2/files/results.csv", 404);
    }

    private static List<string[]> Rows(string text)
    {
        using var source = new MemoryStream(Encoding.UTF8.GetBytes(text));
        using var csv = CsvReader.Create(source, new CsvReaderOptions(), leaveOpen: false);
        var rows = new List<string[]>();
        while (csv.Read())
            rows.Add([.. Enumerable.Range(0, 7).Select(column => csv.GetString(column) ?? "")]);
        return rows;
    }
}
