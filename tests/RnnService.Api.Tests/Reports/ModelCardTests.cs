using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Models;
using RnnService.Api.Reports;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Reports;

public sealed partial class ModelCardTests
{
    private const string Hostile = "<script>alert(1)</script> [x](javascript:alert(1)) | `a` ![i](http://e.example/i.png)\n# h\n\n<img src=x onerror=alert(1)> &lt; **b** http://e.example \u202Eevil";

    [Theory]
    [InlineData("languageModel")]
    [InlineData("classification")]
    [InlineData("ownValidation")]
    [InlineData("rangeTest")]
    [InlineData("baseModel")]
    [InlineData("continueFrom")]
    public async Task The_request_of_a_card_trains_the_same_weights_anew(string kind)
    {
        await using var host = await ServiceHost.StartAsync();
        // Nothing is chosen by the caller but the size, so that all else has to be found in the card.
        var request = kind == "languageModel" ? TinyJobs.LanguageModel("mine") : TinyJobs.Classifier("mine");
        request["training"] = new JsonObject { ["epochs"] = 2 };
        if (kind == "rangeTest")
            request["training"]!["rangeTest"] = new JsonObject { ["steps"] = 30 };
        if (kind is "baseModel" or "continueFrom")
        {
            await host.TrainAsync(kind == "baseModel" ? TinyJobs.LanguageModel("base") : TinyJobs.Classifier("base"));
            request[kind] = "base";
        }

        request["tags"] = new JsonObject { ["who's"] = "it's \"me\" \\ `x`" };
        if (kind == "ownValidation")
            request["validation"] = new JsonObject { ["dataset"] = new JsonObject { ["examples"] = TinyJobs.Examples() } };
        await host.TrainAsync(request);

        string card = await CardAsync(host, "/api/v1/models/mine/versions/1/card");
        string curl = Curl().Match(card).Value;
        Assert.StartsWith("curl -s http://localhost:5080/api/v1/training-jobs -H 'Content-Type: application/json'", curl, StringComparison.Ordinal);
        string json = curl[(curl.IndexOf("-d '", StringComparison.Ordinal) + 4)..curl.LastIndexOf('\'')];
        Assert.DoesNotContain("'", json, StringComparison.Ordinal); // nothing in it ends the quotation
        await host.TrainAsync(JsonNode.Parse(json)!);

        string[] hashes = [await WeightsAsync(host, 1), await WeightsAsync(host, 2)];
        Assert.Equal(hashes[0], hashes[1]);
        Assert.Contains(hashes[0], card, StringComparison.Ordinal);
        var (first, second) = (await host.GetAsync("/api/v1/models/mine/versions/1"), await host.GetAsync("/api/v1/models/mine/versions/2"));
        foreach (string member in new[] { "architecture", "training", "dataset", "split", "tags", "metrics", "seed", "temperature", "lineage" })
            Assert.Equal(first[member]?.ToJsonString(), second[member]?.ToJsonString());

        if (kind is "baseModel" or "continueFrom")
            Assert.Contains((string)first["lineage"]!["baseWeightsSha256"]!, card, StringComparison.Ordinal);
        var comparison = await host.GetAsync("/api/v1/models/mine/versions/1/compare?with=mine:2");
        Assert.True((bool)comparison["sameWeights"]! && (bool)comparison["sameTrainingData"]! && (bool)comparison["sameValidationData"]!);
        Assert.Empty(comparison["settings"]!.AsArray());
        Assert.All(comparison["metrics"]!.AsArray(), metric => Assert.Equal(0, (double)metric!["difference"]!));
    }

    [Fact]
    public async Task A_card_tells_what_a_version_is_reaches_and_came_from()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.Classifier("moods"));
        string card = await CardAsync(host, "/api/v1/models/moods/versions/1/card");
        var manifest = await host.GetAsync("/api/v1/models/moods/versions/1");
        foreach (string heading in new[] { "# Model card", "## Results", "## Learning curve", "## Labels", "## Calibration", "## Hardest examples", "## Data", "## Training", "## Limits of use", "## Reproduction" })
            Assert.Contains($"\n{heading}", $"\n{card}", StringComparison.Ordinal);
        foreach (string part in new[] { (string)manifest["dataset"]!["sha256"]!, (string)manifest["jobId"]!, "`majority`", "`naiveBayes`", "stratified", "epoch", "Only 4 examples were measured on", "No temperature was fitted" })
            Assert.Contains(part, card, StringComparison.Ordinal);
        Assert.All(manifest["files"]!.AsArray(), file => Assert.Contains((string)file!["sha256"]!, card, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_end_of_one_text_is_no_choice_of_the_seed()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.LanguageModel("prose", epochs: 1);
        request["dataset"] = new JsonObject { ["text"] = TinyJobs.Text() };
        await host.TrainAsync(request);
        string card = await CardAsync(host, "/api/v1/models/prose/versions/1/card");
        Assert.Contains("`contiguous`, fraction 0.1, the end of the text |", card, StringComparison.Ordinal);
        Assert.Contains("1 epoch, 1 validation;", card, StringComparison.Ordinal);
        Assert.DoesNotContain("1 texts", card, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, 0, null)]
    [InlineData(20, 1, "1 rarer label is not told singly.")]
    [InlineData(20, 3, "3 rarer labels are not told singly.")]
    [InlineData(19, 0, "1 of the labels has fewer than 20 validation examples: what is said of them is rough.")]
    [InlineData(19, 3, "4 of the labels have fewer than 20 validation examples: what is said of them is rough.")]
    public async Task Labels_that_are_not_listed_are_rarer_than_those_that_are(long least, int omitted, string? expected)
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.Classifier("moods", epochs: 1));
        var read = await host.Services.GetRequiredService<DescribedVersions>().ReadAsync(new ModelReference("moods", 1, null), CancellationToken.None);
        var report = read.Version!.Report;
        var changed = report with { Evaluation = report.Evaluation! with { Classes = [new("a", 1, 1, 1, 50, 50), new("b", 1, 1, 1, least, 20)], ClassesOmitted = omitted } };
        Assert.Equal(expected, ModelLimits.Of(read.Version.Manifest, changed).SingleOrDefault(sentence => sentence.Contains("of the labels", StringComparison.Ordinal) || sentence.Contains("not told singly", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Markdown_or_a_page_as_the_caller_likes()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("names"));
        const string path = "/api/v1/models/names/versions/1/card";
        foreach (var (query, accept, type) in new[]
        {
            ("", "*/*", "text/markdown"),
            ("", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
            ("", "text/html;q=0.5, text/markdown", "text/markdown"),
            ("", "text/html;q=0", "text/markdown"),
            ("?format=html", "text/markdown", "text/html"),
            ("?format=markdown", "text/html", "text/markdown"),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path + query, UriKind.Relative));
            request.Headers.Accept.ParseAdd(accept);
            using var response = await host.Client.SendAsync(request);
            Assert.Equal(new MediaTypeHeaderValue(type, "utf-8"), response.Content.Headers.ContentType);
            Assert.Equal(["Accept"], response.Headers.Vary);
        }

        string page = await CardAsync(host, $"{path}?format=html");
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        Assert.Contains("<svg ", page, StringComparison.Ordinal);
        Assert.Contains("<polyline", page, StringComparison.Ordinal);
        Assert.Contains("<table>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        await host.GetAsync($"{path}?format=pdf", 400);
        await host.GetAsync($"{path}?color=red", 400);
        await host.GetAsync("/api/v1/models/names/versions/9/card", 404);
        await host.GetAsync("/api/v1/models/nobody/versions/1/card", 404);
        await host.GetAsync("/api/v1/models/names/versions/x/card", 400);
    }

    [Fact]
    public async Task No_text_of_users_is_more_than_text_in_a_card()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.Classifier("moods");
        request["dataset"] = new JsonObject { ["examples"] = new JsonArray([.. Enumerable.Range(0, 40).Select(i => (JsonNode)new JsonObject { ["text"] = $"{Hostile} {i}", ["label"] = i % 2 == 0 ? Hostile : "plain" })]) };
        request["tags"] = new JsonObject { ["<b>key</b>"] = Hostile };
        await host.TrainAsync(request);
        string card = await CardAsync(host, "/api/v1/models/moods/versions/1/card"), page = await CardAsync(host, "/api/v1/models/moods/versions/1/card?format=html");
        Assert.Contains(@"\<script\>alert\(1\)\<\/script\>", card, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202E", card + page, StringComparison.Ordinal);

        // Only our own elements, and no attribute but those of the drawing, of table cells and of code.
        var elements = Element().Matches(page).Select(match => match.Value).ToList();
        Assert.NotEmpty(elements);
        Assert.All(elements, element => Assert.Matches(
            @"^</?(html|head|meta|title|style|body|h1|h2|p|table|thead|tbody|tr|th|td|ul|li|code|pre|strong|svg|path|text|polyline|!DOCTYPE)\b", element));
        Assert.DoesNotContain(elements, element => element.Contains("javascript", StringComparison.OrdinalIgnoreCase) || element.Contains("onerror", StringComparison.OrdinalIgnoreCase) || element.Contains("href", StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<string> CardAsync(ServiceHost host, string path)
    {
        using var response = await host.Client.GetAsync(new Uri(path, UriKind.Relative));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }

    private static async Task<string> WeightsAsync(ServiceHost host, int version) =>
        (string)(await host.GetAsync($"/api/v1/models/mine/versions/{version}"))["files"]!.AsArray().Single(file => (string?)file!["name"] == "weights.safetensors")!["sha256"]!;

    [GeneratedRegex(@"(?s)curl -s.*?\n\}'(?=\n```)")]
    private static partial Regex Curl();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Element();
}
