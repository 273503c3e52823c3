using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Models;
using RnnService.Api.Storage;
using SequenceModels.Tasks;

namespace RnnService.Api.Tests.Models;

/// <summary>A registry of some hundred versions, of which only the index exists: searching reads nothing else.</summary>
public sealed class VersionSearchTests(VersionSearchTests.Registry registry) : IClassFixture<VersionSearchTests.Registry>
{
    private const int ModelCount = 60, VersionsOfEach = 5;

    [Theory]
    [InlineData("", 300)]
    [InlineData("task=classification", 150)]
    [InlineData("model=model-07", 5)]
    [InlineData("name=el-1", 50)]
    [InlineData("metric=accuracy>=0.5", 75)]
    [InlineData("metric=accuracy>0.5", 74)]
    [InlineData("metric=accuracy>=0.5&metric=validationLoss<1", 45)]
    [InlineData("metric=accuracy=0.5", 1)]
    [InlineData("metric=perplexity>=-1e3", 150)]
    [InlineData("metric=accuracy>=0&metric=perplexity>0", 0)]
    [InlineData("metric=unheardOf>0", 0)]
    [InlineData("tag=stage", 60)]
    [InlineData("tag=stage:final", 60)]
    [InlineData("tag=stage:draft", 0)]
    [InlineData("tag=team:a", 100)]
    [InlineData("tag=team:a&tag=stage", 20)]
    [InlineData("tag=odd:key", 1)]
    [InlineData("tag=odd:key:odd:value", 1)]
    [InlineData("tag=odd:key:other", 0)]
    [InlineData("status=damaged", 10)]
    [InlineData("status=ready", 300)]
    public async Task Versions_are_found_by_all_that_is_asked_for_together(string query, int count) => Assert.Equal(count, (await AllAsync("versions", query, 200)).Count);

    [Theory]
    [InlineData("", 62)]
    [InlineData("name=other", 2)]
    [InlineData("metric=accuracy>=0.5", 15)]
    [InlineData("metric=accuracy>=0.5&tag=team:a", 5)]
    [InlineData("task=languageModel&metric=accuracy>=0", 0)]
    [InlineData("tag=stage", 60)]
    public async Task Models_are_found_by_one_version_of_which_all_of_it_holds(string query, int count) => Assert.Equal(count, (await AllAsync("models", query, 7)).Count);

    [Theory]
    [InlineData("sort=-accuracy")]
    [InlineData("sort=accuracy&tag=team:a")]
    [InlineData("sort=-validationLoss")]
    [InlineData("sort=tied")]
    [InlineData("sort=-tied")]
    [InlineData("sort=createdAt&task=classification")]
    [InlineData("sort=-createdAt")]
    [InlineData("")]
    public async Task Pages_of_any_size_make_up_the_same_ordered_list(string query)
    {
        var whole = await AllAsync("versions", query, 200);
        var references = whole.ConvertAll(version => (string)version["reference"]!);
        Assert.Equal(references.Count, references.Distinct().Count());
        Assert.Equal(references, (await AllAsync("versions", query, 17)).Select(version => (string)version["reference"]!));

        string? sort = query.Split('&').FirstOrDefault(part => part.StartsWith("sort=", StringComparison.Ordinal))?[5..];
        bool descending = sort?.StartsWith('-') == true;
        string by = sort?.TrimStart('-') ?? "";
        double[] values = [.. whole.Select(version => by.Length == 0 ? 0 : by == "createdAt" ? DateTimeOffset.Parse((string)version["createdAt"]!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds() : (double)version["metrics"]![by]!)];
        for (int i = 1; i < values.Length; i++)
        {
            int order = descending ? values[i - 1].CompareTo(values[i]) : values[i].CompareTo(values[i - 1]);
            Assert.True(order > 0 || (order == 0 && KeyOf(whole[i - 1]).CompareTo(KeyOf(whole[i])) < 0), $"{whole[i - 1]["reference"]} comes before {whole[i]["reference"]}");
        }
    }

    [Fact]
    public async Task The_best_version_of_a_task_is_the_first_of_its_list()
    {
        var best = (await registry.Host.GetAsync("/api/v1/versions?task=classification&sort=-accuracy&limit=1"))["items"]![0]!;
        Assert.Equal(149 / 150.0, (double)best["metrics"]!["accuracy"]!);
        Assert.Equal("ready", (string?)best["status"]);
        Assert.Equal("classification", (string?)best["task"]);
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_search_is_told_at_once()
    {
        var problem = await registry.Host.GetAsync(
            "/api/v1/versions?name=No!&model=-x&task=naming&status=old&tag=&tag=a&metric=accuracy&metric=accuracy>=high&metric=accuracy>=1e999&metric=loss>1&sort=-&limit=0&after=zzz&colour=red", 400);
        Assert.Equal(
            ["after", "colour", "limit", "metric[0]", "metric[1]", "metric[2]", "model", "name", "sort", "status", "tag[0]", "task"], ServiceHost.Errors(problem).Keys.Order(StringComparer.Ordinal));
        Assert.Contains("accuracy>=high", ServiceHost.Errors(problem)["metric[1]"][0], StringComparison.Ordinal);
        await registry.Host.GetAsync("/api/v1/models?sort=accuracy", 400);
        await registry.Host.GetAsync($"/api/v1/versions?{string.Join('&', Enumerable.Repeat("metric=accuracy>0", 9))}", 400);
    }

    [Fact]
    public async Task A_place_in_one_order_is_none_in_another()
    {
        string next = (string)(await registry.Host.GetAsync("/api/v1/versions?sort=accuracy&limit=1"))["next"]!;
        Assert.Equal(["after"], ServiceHost.Errors(await registry.Host.GetAsync($"/api/v1/versions?sort=-accuracy&after={next}", 400)).Keys);
        Assert.Equal(["after"], ServiceHost.Errors(await registry.Host.GetAsync($"/api/v1/versions?after={next}", 400)).Keys);
        await registry.Host.GetAsync($"/api/v1/versions?sort=accuracy&after={next}");
    }

    private static (string Model, int Version) KeyOf(JsonNode version) => ((string)version["model"]!, (int)version["version"]!);

    private async Task<List<JsonNode>> AllAsync(string list, string query, int limit)
    {
        var all = new List<JsonNode>();
        string? next = null;
        do
        {
            var page = await registry.Host.GetAsync($"/api/v1/{list}?{query}{(query.Length > 0 ? "&" : "")}limit={limit}{(next is null ? "" : $"&after={next}")}");
            all.AddRange(page["items"]!.AsArray().Select(item => item!));
            next = (string?)page["next"];
        }
        while (next is not null);
        return all;
    }

    /// <summary>Sixty models of five versions, every other one a classifier; two more whose versions are all damaged.</summary>
    public sealed class Registry : IAsyncLifetime
    {
        public ServiceHost Host { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Host = await ServiceHost.StartAsync();
            await using var database = await Host.Services.GetRequiredService<IDbContextFactory<ServiceDbContext>>().CreateDbContextAsync();
            int classifiers = 0;
            for (int model = 0; model < ModelCount + 2; model++)
            {
                bool damaged = model >= ModelCount;
                string name = damaged ? $"other-{model}" : $"model-{model:D2}";
                var row = new ModelRow { Name = name, LastVersion = VersionsOfEach };
                if (model % 3 == 0 && !damaged)
                    row.Tags.Add(new ModelTagRow { Model = name, Key = "team", Value = "a" });
                database.Add(row);
                for (int version = 1; version <= VersionsOfEach; version++)
                {
                    var metrics = new Dictionary<string, double> { ["validationLoss"] = version / 4.0, ["tied"] = version % 2 };
                    if (model % 2 == 1)
                        metrics["perplexity"] = model;
                    else if (!damaged)
                        metrics["accuracy"] = classifiers++ / 150.0;
                    database.Add(Row(Host, name, version, model % 2 == 1 ? TaskKind.LanguageModel : TaskKind.Classification, damaged, metrics));
                }
            }

            await database.SaveChangesAsync();
        }

        public Task DisposeAsync() => Host.DisposeAsync().AsTask();

        private static ModelVersionRow Row(ServiceHost host, string name, int version, TaskKind task, bool damaged, Dictionary<string, double> metrics)
        {
            var row = new ModelVersionRow
            {
                Model = name,
                Version = version,
                JobId = $"{name}-{version}",
                Task = task,
                CreatedAt = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000 + metrics.Values.Sum(value => (long)(value * 40)) % 50),
                // That of files which are not there, so that nothing seems to have changed.
                Fingerprint = host.Services.GetRequiredService<ModelFolders>().Version(name, version).Fingerprint(),
                MetricsJson = System.Text.Json.JsonSerializer.Serialize(metrics),
                DamagedFile = damaged ? "weights.safetensors" : null,
            };
            row.Metrics.AddRange(metrics.Select(metric => new VersionMetricRow { Model = name, Version = version, Name = metric.Key, Value = metric.Value }));
            if (version == VersionsOfEach && !damaged)
                row.Tags.Add(new VersionTagRow { Model = name, Version = version, Key = "stage", Value = "final" });
            if (name == "model-00" && version == 1)
                row.Tags.Add(new VersionTagRow { Model = name, Version = version, Key = "odd:key", Value = "odd:value" });
            return row;
        }
    }
}
