using System.Text.Json.Nodes;
using RnnService.Api.Tests.Datasets;
using SequenceModels.Data;

namespace RnnService.Api.Tests.TrainingJobs;

public sealed class SharedRowsTests
{
    [Fact]
    public async Task Rows_of_the_validation_dataset_that_are_learned_from_are_told_with_the_lines_of_both_files()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.UploadAsync("name=train&format=csv", "text,label\n\"two\nlines\",x\n\nalpha,x\nbravo,y\nalpha,y\ncharlie,y\n");
        await host.UploadAsync("name=held&format=jsonl", """
            {"text":"new","label":"x"}

            {"text":"alpha","label":"y"}
            {"text":"two\nlines","label":"x"}
            {"text":"alpha","label":"x"}

            """);
        string warning = await WarningAsync(host, "train", Named("held"));
        Assert.Equal("3 of 4 validation rows have a text that is learned from too (1 of them under another label); what is reached on them is memory. Validation line and training line: 3 repeats 5, 4 repeats 2, 5 repeats 5.", warning);
    }

    [Fact]
    public async Task The_numbers_of_items_are_the_lines_of_data_within_the_request_and_the_first_five_are_told()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.LanguageModel();
        request["dataset"] = Lines([.. Enumerable.Range(1, 20).Select(i => $"line {i}")]);
        request["validation"] = new JsonObject { ["dataset"] = Lines(["new", .. Enumerable.Range(1, 7).Select(i => $"line {i * 2}")]) };
        request["dryRun"] = true;
        string dry = (string)Assert.Single((await host.PostAsync(TinyJobs.Jobs, request))["warnings"]!.AsArray())!;
        request["dryRun"] = false;
        string warning = (string)Assert.Single((await host.SubmitAsync(request))["warnings"]!.AsArray())!;
        Assert.Equal(dry, warning);
        Assert.Equal("7 of 8 validation rows have a text that is learned from too; what is reached on them is memory. Validation line and training line: 2 repeats 2, 3 repeats 4, 4 repeats 6, 5 repeats 8, 6 repeats 10, ....", warning);
    }

    [Fact]
    public async Task Validation_data_that_is_the_training_data_is_warned_of()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.UploadAsync("name=train&format=csv", "text,label\na,x\nb,y\nc,x\nd,y\n");
        await host.UploadAsync("name=twin&format=csv", "text,label\na,x\nb,y\nc,x\nd,y\n");
        Assert.Contains("'twin' has the very content of the training dataset 'train'", await WarningAsync(host, "train", Named("twin")), StringComparison.Ordinal);

        var text = TinyJobs.LanguageModel("text");
        text["dataset"] = new JsonObject { ["text"] = TinyJobs.Text() };
        text["validation"] = new JsonObject { ["dataset"] = new JsonObject { ["text"] = TinyJobs.Text() } };
        Assert.Contains("very content", (string)Assert.Single((await host.SubmitAsync(text))["warnings"]!.AsArray())!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_on_both_sides_of_a_fraction_are_told_with_their_lines()
    {
        await using var host = await ServiceHost.StartAsync();
        string[] lines = [.. Enumerable.Range(0, 40).Select(i => $"line {i % 35}")];
        var heldBack = DataSplitter.HeldBack(new TrainingData.Lines(lines), 0.25, seed: 1);
        var shared = Enumerable.Range(0, 40).Where(i => heldBack[i])
            .Select(i => (Validation: i + 1, Training: Enumerable.Range(0, 40).FirstOrDefault(j => !heldBack[j] && lines[j] == lines[i], -1) + 1))
            .Where(pair => pair.Training > 0).ToArray();
        Assert.InRange(shared.Length, 1, 5);

        var request = TinyJobs.LanguageModel();
        request["dataset"] = Lines(lines);
        request["validation"] = new JsonObject { ["fraction"] = 0.25 };
        string warning = (string)Assert.Single((await host.SubmitAsync(request))["warnings"]!.AsArray())!;
        Assert.StartsWith($"{shared.Length} of 10 validation rows", warning, StringComparison.Ordinal);
        Assert.EndsWith($" Lines: {string.Join(", ", shared.Select(pair => $"{pair.Validation} repeats {pair.Training}"))}.", warning, StringComparison.Ordinal);

        request["dataset"] = Lines([.. lines.Distinct()]);
        Assert.Empty((await host.SubmitAsync(request))["warnings"]!.AsArray());
    }

    [Fact]
    public async Task The_hardest_rows_of_an_evaluation_have_the_numbers_of_the_caller()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.Classifier());
        var examples = TinyJobs.Examples(12);
        foreach (int place in new[] { 0, 3, 4 })
            examples.Insert(place, new JsonObject { ["text"] = $"strange {place}", ["label"] = "strange" });
        var measured = await host.PostAsync("/api/v1/models/opinions/evaluate", new JsonObject { ["dataset"] = new JsonObject { ["examples"] = examples.DeepClone() } });
        Assert.Equal([1, 4, 5], measured["faults"]!.AsArray().Select(fault => (int)fault!["row"]!));
        var hardest = measured["evaluation"]!["hardestExamples"]!.AsArray();
        Assert.Equal(12, hardest.Count);
        Assert.All(hardest, example => Assert.Equal((string?)examples[(int)example!["row"]! - 1]!["text"], (string?)example["text"]));

        await host.TrainAsync(TinyJobs.LanguageModel("names"));
        var passages = (await host.PostAsync("/api/v1/models/names/evaluate", """{ "dataset": { "lines": [ " ", "golf", "", "hotel" ] } }"""))["evaluation"]!["hardestPassages"]!.AsArray();
        Assert.Equal([(2, "golf"), (4, "hotel")], passages.Select(passage => ((int)passage!["place"]!, (string)passage["text"]!)).Order());
    }

    private static JsonObject Named(string name) => new() { ["dataset"] = new JsonObject { ["name"] = name } };

    private static JsonObject Lines(string[] lines) => new() { ["lines"] = new JsonArray([.. lines.Select(line => JsonValue.Create(line))]) };

    private static async Task<string> WarningAsync(ServiceHost host, string dataset, JsonObject validation)
    {
        var request = TinyJobs.Classifier();
        request["dataset"] = new JsonObject { ["name"] = dataset };
        request["validation"] = validation;
        return (string)Assert.Single((await host.SubmitAsync(request))["warnings"]!.AsArray())!;
    }
}
