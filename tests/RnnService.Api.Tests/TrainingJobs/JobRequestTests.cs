using System.Globalization;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>What the contract forbids, member by member from its table of ranges, and what it forbids between members.</summary>
public sealed class JobRequestTests
{
    /// <summary>Member, values out of range or of the wrong type.</summary>
    private static readonly (string Path, string[] Values)[] s_wrong =
    [
        ("architecture.layers", ["0", "9", "-1", "1.5", "\"1\"", "true", "[]"]),
        ("architecture.hiddenSize", ["0", "4097", "1e10", "\"128\"", "{}"]),
        ("architecture.embeddingSize", ["0", "4097", "99999999999999999999"]),
        ("architecture.dropout", ["-0.1", "1", "1.5", "\"0.2\"", "1e400"]),
        ("architecture.dropoutKind", ["\"Standard\"", "\"locked\"", "0", "true"]),
        ("architecture.inputDropout", ["-0.1", "1", "\"0.2\""]),
        ("architecture.outputDropout", ["-0.1", "1"]),
        ("architecture.embeddingDropout", ["-0.1", "1", "2"]),
        ("architecture.weightDropout", ["-0.1", "1", "[]"]),
        ("architecture.zoneout", ["-0.1", "1", "true"]),
        ("architecture.residual", ["1", "\"yes\""]),
        ("architecture.layerNorm", ["0", "\"no\""]),
        ("architecture.tiedEmbeddings", ["1", "\"true\""]),
        ("architecture.learnedInitialState", ["1", "{}"]),
        ("architecture.cell", ["\"LSTM\"", "\"lstm2\"", "0", "1"]),
        ("architecture.tokenizer", ["\"Character\"", "\"bytepair\"", "0"]),
        ("architecture.bidirectional", ["\"true\"", "1", "true"]),
        ("architecture.lowerCase", ["0", "\"no\""]),
        ("architecture.minimumCount", ["0", "1001"]),
        ("architecture.pooling", ["\"max\"", "\"attention\"", "\"sum\""]),
        ("training.epochs", ["0", "10001", "-5", "2.5", "\"20\""]),
        ("training.batchSize", ["0", "4097"]),
        ("training.sequenceLength", ["0", "4097"]),
        ("training.optimizer", ["\"lion\"", "\"Adam\"", "\"adamw\"", "1"]),
        ("training.learningRate", ["0", "-1", "100.5", "\"0.1\""]),
        ("training.gradientClipNorm", ["0", "1000001"]),
        ("training.gradientClipValue", ["0", "-1", "1000001", "\"1\""]),
        ("training.gradientAccumulation", ["0", "1001", "1.5"]),
        ("training.activationRegularization", ["-0.1", "1000.5", "true"]),
        ("training.temporalActivationRegularization", ["-1", "1001"]),
        ("training.labelSmoothing", ["-0.1", "1", "\"0.1\""]),
        ("training.classWeighting", ["\"Balanced\"", "\"balanced\"", "1"]),
        ("training.classWeights", ["{}", "[]", "\"balanced\"", "{ \"a\": \"1\" }", "{ \"a\": 0 }", "{ \"a\": 1000001 }", "{ \"a\": 1 }"]),
        ("training.momentum", ["-0.1", "1", "0.9", "\"0.9\""]),
        ("training.nesterov", ["1", "true", "false"]),
        ("training.rmsPropDecay", ["-0.1", "1", "0.9"]),
        ("training.centered", ["\"yes\"", "true"]),
        ("training.beta1", ["-0.1", "1", "true"]),
        ("training.beta2", ["-0.1", "1"]),
        ("training.amsGrad", ["0", "\"true\""]),
        ("training.epsilon", ["0", "1e-17", "1.5"]),
        ("training.weightDecay", ["-0.1", "1.1"]),
        ("training.averagingPatience", ["-1", "1001", "5"]),
        ("training.schedule", ["\"cosine\"", "[]", "1"]),
        ("training.schedule.kind", ["\"Cosine\"", "\"plateau\"", "2"]),
        ("training.schedule.warmupSteps", ["-1", "1000001", "1.5"]),
        ("training.schedule.decayFactor", ["0", "1", "0.5"]),
        ("training.schedule.epochsPerDecay", ["0", "10001", "10"]),
        ("training.schedule.leastFraction", ["-0.1", "1.1", "0.1"]),
        ("training.schedule.riseFraction", ["0", "1", "0.3"]),
        ("training.schedule.initialDivisor", ["0.9", "1000001", "25"]),
        ("training.schedule.finalDivisor", ["0.9", "1e10", "10000"]),
        ("training.schedule.patience", ["-1", "1001", "2"]),
        ("training.schedule.threshold", ["-0.1", "1", "0.01"]),
        ("training.schedule.cooldown", ["-1", "1001", "1"]),
        ("training.schedule.gamma", ["0.1"]),
        ("training.validateEverySteps", ["0", "1000000001", "1.5"]),
        ("training.earlyStoppingPatience", ["0", "1001"]),
        ("training.maxSeconds", ["0", "604801"]),
        ("training.seed", ["-1", "9007199254740992", "1.5", "\"42\""]),
        ("validation.fraction", ["0", "0.51", "-0.1", "\"0.1\""]),
        ("model", ["\"\"", "\"UPPER\"", "\"-a\"", "\"a b\"", "\"../x\"", "\"a/b\"", "7", "\"" + new string('a', 65) + "\""]),
        ("task", ["\"LanguageModel\"", "\"tagging\"", "\"translation\"", "0", "1"]),
        ("priority", ["-101", "101", "0.5", "\"high\""]),
        ("dryRun", ["1", "\"false\""]),
        ("tags", ["[]", "{ \"\": \"x\" }", "{ \"k\": 1 }", "\"x\""]),
        ("dataset", ["\"dinosaurs\"", "{}", "[]", "{ \"name\": \"a\", \"text\": \"b\" }", "{ \"lines\": [\"a\"], \"examples\": [ { \"text\": \"a\", \"label\": \"b\" } ] }"]),
        ("dataset.name", ["\"A\"", "5", "\"..\""]),
        ("dataset.lines", ["[]", "[1]", "\"a\""]),
        ("dataset.text", ["\"\"", "5", "[\"a\"]"]),
        ("dataset.examples", ["[]", "[\"a\"]", "[{ \"text\": \"a\" }]", "[{ \"text\": \"a\", \"label\": 1 }]", "[{ \"text\": \"a\", \"label\": \"b\", \"weight\": 1 }]"]),
        ("architecture.hidenSize", ["128"]),
        ("training.learning_rate", ["0.1"]),
        ("dataset.path", ["\"/etc/passwd\""]),
        ("Model", ["\"a\""]),
        ("unknown", ["1"]),
    ];

    [Fact]
    public async Task Every_value_out_of_range_or_of_the_wrong_type_is_a_bad_request_that_names_its_member()
    {
        await using var host = await ServiceHost.StartAsync();
        int sent = 0;
        foreach (var (path, values) in s_wrong)
        {
            foreach (string value in values)
            {
                var request = Base();
                Set(request, path, value);
                var errors = ServiceHost.Errors(await host.PostAsync(TinyJobs.Jobs, Text(request), 400));
                Assert.True(errors.Keys.Any(key => key.StartsWith(path, StringComparison.Ordinal)), $"{path} = {value}: {string.Join(", ", errors.Keys)}");
                sent++;
            }
        }

        Assert.True(sent >= 100, $"Only {sent} requests were sent.");
        Assert.Empty((await host.GetAsync(TinyJobs.Jobs))["items"]!.AsArray());
    }

    [Fact]
    public async Task All_problems_of_a_request_come_at_once()
    {
        await using var host = await ServiceHost.StartAsync();
        const string body = """
            { "model": "No Name", "task": "chess", "datasett": {}, "dataset": { "name": "x", "text": "y" }, "validation": { "fraction": 0.9, "dataset": { "name": "y" } },
              "architecture": { "layers": 0, "hiddenSize": "big", "depth": 3 }, "training": { "epochs": 0, "learningRate": 1000, "seed": -1, "momentum": 0.9 },
              "tags": { "k": 5 }, "dryRun": "yes" }
            """;
        var errors = ServiceHost.Errors(await host.PostAsync(TinyJobs.Jobs, body, 400));
        string[] expected =
        [
            "model", "task", "datasett", "dataset", "validation.fraction", "validation", "architecture.layers", "architecture.hiddenSize", "architecture.depth", "training.epochs",
            "training.learningRate", "training.seed", "training.momentum", "tags.k", "dryRun",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), errors.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("from 1 to 8", errors["architecture.layers"][0], StringComparison.Ordinal);
        Assert.Contains("given 0", errors["architecture.layers"][0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "text": "abc" }""", "languageModel", "short")]
    [InlineData("""{ "lines": [ "one" ] }""", "languageModel", "too few lines")]
    [InlineData("""{ "lines": [ "one", "two" ] }""", "classification", "labelled")]
    [InlineData("""{ "text": "a long text" }""", "classification", "labelled")]
    [InlineData("""{ "examples": [ { "text": "a", "label": "x" }, { "text": "b", "label": "x" }, { "text": "c", "label": "x" } ] }""", "classification", "at least 2")]
    [InlineData("""{ "name": "dinosaurs" }""", "classification", "no labels")]
    public async Task Data_that_cannot_be_learned_from_is_a_422_that_says_why_and_leaves_no_dataset_behind(string dataset, string task, string why)
    {
        await using var host = await ServiceHost.StartAsync();
        var problem = await host.PostAsync(TinyJobs.Jobs, $$"""{ "model": "m", "task": "{{task}}", "dataset": {{dataset}} }""", 422);
        Assert.Contains(why, (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Equal(["dinosaurs", "opinions"], (await host.GetAsync("/api/v1/datasets"))["items"]!.AsArray().Select(item => (string?)item!["name"]));
    }

    [Fact]
    public async Task Faults_of_data_in_the_request_are_a_422_that_lists_them_by_item()
    {
        await using var host = await ServiceHost.StartAsync();
        var problem = await host.PostAsync(TinyJobs.Jobs, """{ "model": "m", "task": "languageModel", "dataset": { "lines": [ "good", "", "two\nlines", "good" ] } }""", 422);
        Assert.Equal([2L, 3L], problem["faults"]!.AsArray().Select(fault => (long)fault!["line"]!));
        var labelled = await host.PostAsync(TinyJobs.Jobs, """{ "model": "m", "task": "classification", "dataset": { "examples": [ { "text": "a", "label": "x" }, { "text": "b", "label": "" } ] } }""", 422);
        Assert.Equal(2L, (long)labelled["faults"]!.AsArray().Single()!["line"]!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_wrong_with_both_datasets_comes_at_once(bool dryRun)
    {
        await using var host = await ServiceHost.StartAsync();
        string rest = $"\"model\": \"m\", \"task\": \"languageModel\", \"dryRun\": {(dryRun ? "true" : "false")}";
        var unknown = await host.PostAsync(TinyJobs.Jobs, $$"""{ {{rest}}, "dataset": { "name": "nowhere" }, "validation": { "dataset": { "name": "nobody" } } }""", 404);
        Assert.Equal(["dataset.name", "validation.dataset.name"], ServiceHost.Errors(unknown).Keys.Order(StringComparer.Ordinal));
        var faulty = await host.PostAsync(TinyJobs.Jobs, $$"""{ {{rest}}, "dataset": { "lines": [ "", "b", "" ] }, "validation": { "dataset": { "lines": [ "b", "" ] } } }""", 422);
        Assert.Equal("/problems/faulty-dataset", (string?)faulty["type"]);
        Assert.Contains("2 faults in dataset and 1 fault in validation.dataset", (string)faulty["detail"]!, StringComparison.Ordinal);
        Assert.Equal(("dataset", 2L), ((string?)faulty["member"], (long)faulty["faultCount"]!));
    }

    [Fact]
    public async Task An_unknown_dataset_is_a_404_that_names_the_member()
    {
        await using var host = await ServiceHost.StartAsync();
        var problem = await host.PostAsync(TinyJobs.Jobs, """{ "model": "m", "task": "languageModel", "dataset": { "name": "nowhere" } }""", 404);
        Assert.Equal(["dataset.name"], ServiceHost.Errors(problem).Keys);
        var validation = await host.PostAsync(
            TinyJobs.Jobs, """{ "model": "m", "task": "languageModel", "dataset": { "name": "dinosaurs" }, "validation": { "dataset": { "name": "nowhere" } } }""", 404);
        Assert.Equal(["validation.dataset.name"], ServiceHost.Errors(validation).Keys);
    }

    [Fact]
    public async Task Another_kind_of_body_or_too_large_a_one_is_refused()
    {
        await using var host = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Training:MaxRequestBytes"] = "2000" });
        await host.SendAsync(HttpMethod.Post, TinyJobs.Jobs, new StringContent("model=a"), 415);
        await host.PostAsync(TinyJobs.Jobs, "{", 400);
        await host.PostAsync(TinyJobs.Jobs, "[]", 400);
        await host.PostAsync(TinyJobs.Jobs, """{ "model": "m", "task": "languageModel", "dataset": { "text": "TEXT" } }""".Replace("TEXT", new string('a', 3000), StringComparison.Ordinal), 413);
    }

    [Fact]
    public async Task Options_of_the_layers_are_refused_where_they_mean_nothing()
    {
        await using var host = await ServiceHost.StartAsync();
        var classifier = TinyJobs.Classifier();
        classifier["architecture"]!["tiedEmbeddings"] = true;
        classifier["architecture"]!["residual"] = true;
        classifier["architecture"]!["layers"] = 1;
        var errors = ServiceHost.Errors(await host.PostAsync(TinyJobs.Jobs, classifier.ToJsonString(), 400));
        Assert.Equal(["architecture.residual", "architecture.tiedEmbeddings"], errors.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("language models", errors["architecture.tiedEmbeddings"][0], StringComparison.Ordinal);
        Assert.Contains("at least 2 layers", errors["architecture.residual"][0], StringComparison.Ordinal);

        var language = TinyJobs.LanguageModel();
        language["architecture"]!["pooling"] = "attention";
        Assert.Equal(["architecture.pooling"], ServiceHost.Errors(await host.PostAsync(TinyJobs.Jobs, language.ToJsonString(), 400)).Keys);
    }

    [Fact]
    public async Task Limits_of_ranges_are_accepted()
    {
        await using var host = await ServiceHost.StartAsync();
        var request = TinyJobs.LanguageModel("limits");
        request["architecture"] = JsonNode.Parse("""{ "layers": 8, "hiddenSize": 1, "embeddingSize": 1, "dropout": 0, "minimumCount": 1, "bidirectional": false, "pooling": null }""");
        request["training"] = JsonNode.Parse("""{ "epochs": 1, "batchSize": 4096, "sequenceLength": 4096, "learningRate": 100, "gradientClipNorm": 1000000, "earlyStoppingPatience": 1000, "maxSeconds": 604800, "seed": 9007199254740991 }""");
        request["validation"] = JsonNode.Parse("""{ "fraction": 0.5 }""");
        request["dryRun"] = false;
        var job = await host.SubmitAsync(request);
        Assert.Equal(9007199254740991, (long)job["resolved"]!["training"]!["seed"]!);
        Assert.Equal(8, (int)job["resolved"]!["architecture"]!["layers"]!);
        Assert.Equal(0.5, (double)job["validation"]!["fraction"]!);
    }

    private static JsonObject Base() => JsonNode.Parse("""
        { "model": "m", "task": "languageModel", "dataset": { "name": "dinosaurs" }, "architecture": {}, "training": {} }
        """)!.AsObject();

    /// <summary>Sets a member at a path; its value is put in as text, for JSON that no JsonNode can hold.</summary>
    private static void Set(JsonObject request, string path, string value)
    {
        string[] names = path.Split('.');
        JsonObject at = request;
        foreach (string name in names[..^1])
            at = (at[name] ??= new JsonObject()).AsObject();
        if (names[0] == "dataset" && names.Length > 1)
            at.Clear();
        at[names[^1]] = $"RAW{Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(value))}";
    }

    private static string Text(JsonObject request)
    {
        string json = request.ToJsonString();
        int at;
        while ((at = json.IndexOf("\"RAW", StringComparison.Ordinal)) >= 0)
        {
            int end = json.IndexOf('"', at + 1);
            json = json[..at] + System.Text.Encoding.UTF8.GetString(Convert.FromHexString(json[(at + 4)..end])) + json[(end + 1)..];
        }

        return json.ToString(CultureInfo.InvariantCulture);
    }
}
