using System.Text.Json.Nodes;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Models;

public sealed class NotesTests
{
    private const string Model = "/api/v1/models/names";
    private const string Version = Model + "/versions/1";

    [Fact]
    public async Task What_people_say_of_a_model_changes_and_what_is_left_out_stays()
    {
        await using var host = await TrainedAsync();
        var model = await host.GetAsync(Model);
        Assert.Null(model["description"]);
        Assert.Equal("{}", model["tags"]!.ToJsonString());

        await host.PatchAsync(Model, """{ "description": "Words of the radio.", "tags": { "team": "demo", "stage": "draft" } }""");
        var changed = await host.PatchAsync(Model, """{ "description": null, "tags": { "stage": "final" }, "removeTags": ["team", "nothing"] }""");
        Assert.Equal("Words of the radio.", (string?)changed["description"]);
        Assert.Equal("""{"stage":"final"}""", changed["tags"]!.ToJsonString());
        Assert.Equal(changed.ToJsonString(), (await host.GetAsync(Model)).ToJsonString());
        Assert.Equal(changed.ToJsonString(), (await host.GetAsync("/api/v1/models"))["items"]![0]!.ToJsonString());

        Assert.Null((await host.PatchAsync(Model, """{ "description": "" }"""))["description"]);
        Assert.Equal("""{"stage":"final"}""", (await host.GetAsync(Model))["tags"]!.ToJsonString());
    }

    [Fact]
    public async Task A_version_begins_with_the_tags_of_its_job_and_its_manifest_keeps_them()
    {
        await using var host = await TrainedAsync();
        var version = (await host.GetAsync(Model))["versions"]![0]!;
        Assert.Equal("""{"run":"7"}""", version["tags"]!.ToJsonString());
        string manifest = (await host.GetAsync(Version)).ToJsonString();

        var changed = await host.PatchAsync(Version, """{ "description": "Reviewed <b>twice</b>.", "tags": { "approved": "yes" }, "removeTags": ["run"] }""");
        Assert.Equal("""{"approved":"yes"}""", changed["tags"]!.ToJsonString());
        Assert.Equal(changed.ToJsonString(), (await host.GetAsync(Model))["versions"]![0]!.ToJsonString());
        Assert.Equal(changed.ToJsonString(), (await host.GetAsync("/api/v1/versions"))["items"]![0]!.ToJsonString());
        Assert.Equal(manifest, (await host.GetAsync(Version)).ToJsonString());
        string card = await host.Client.GetStringAsync(new Uri(Version + "/card", UriKind.Relative));
        Assert.Contains("Reviewed", card, StringComparison.Ordinal);
        Assert.Contains("tag approved", card, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", card, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_change_is_told_at_once_and_nothing_of_it_is_done()
    {
        await using var host = await TrainedAsync();
        var problem = await host.PatchAsync(Version, $$"""
            { "description": "{{new string('x', 4097)}}", "tags": { "": "a", "b": "{{new string('x', 513)}}", "c": 1 }, "removeTags": ["", "b"], "other": 1 }
            """, 400);
        Assert.Equal(["description", "other", "removeTags[0]", "removeTags[1]", "tags.", "tags.b", "tags.c"], ServiceHost.Errors(problem).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["$"], ServiceHost.Errors(await host.PatchAsync(Version, "{}", 400)).Keys);
        Assert.Equal("""{"run":"7"}""", (await host.GetAsync(Model))["versions"]![0]!["tags"]!.ToJsonString());

        await host.PatchAsync("/api/v1/models/nobody", """{ "description": "x" }""", 404);
        await host.PatchAsync(Model + "/versions/2", """{ "description": "x" }""", 404);
        await host.PatchAsync(Model + "/versions/x", """{ "description": "x" }""", 400);
    }

    [Fact]
    public async Task There_are_sixteen_tags_at_most_and_a_change_that_brings_more_changes_nothing()
    {
        await using var host = await TrainedAsync();
        var sixteen = new JsonObject { ["tags"] = new JsonObject(Enumerable.Range(0, 16).Select(i => KeyValuePair.Create<string, JsonNode?>($"k{i}", "v"))) };
        Assert.Equal(16, (await host.PatchAsync(Model, sixteen))["tags"]!.AsObject().Count);
        var problem = await host.PatchAsync(Model, """{ "description": "one more", "tags": { "k16": "v" } }""", 409);
        Assert.Equal("/problems/too-many-tags", (string?)problem["type"]);
        Assert.Null((await host.GetAsync(Model))["description"]);
        await host.PatchAsync(Model, """{ "tags": { "k16": "v" }, "removeTags": ["k0"] }""");
    }

    [Fact]
    public async Task Notes_go_with_the_last_version_and_outlive_a_restart()
    {
        using var folder = new TemporaryFolder();
        await using (var host = await TrainedAsync(folder.Path))
        {
            await host.PatchAsync(Model, """{ "description": "old", "tags": { "a": "b" } }""");
            await host.PatchAsync(Version, """{ "tags": { "c": "d" } }""");
        }

        await using var again = await ServiceHost.StartAsync(root: folder.Path);
        Assert.Equal("old", (string?)(await again.GetAsync(Model))["description"]);
        Assert.Equal("""{"c":"d","run":"7"}""", (await again.GetAsync(Model))["versions"]![0]!["tags"]!.ToJsonString());
        await again.DeleteAsync(Version);
        await again.TrainAsync(TinyJobs.LanguageModel("names", epochs: 1));
        var anew = await again.GetAsync(Model);
        Assert.Null(anew["description"]);
        Assert.Equal("{}", anew["tags"]!.ToJsonString());
        Assert.Equal("{}", anew["versions"]![0]!["tags"]!.ToJsonString());
    }

    private static async Task<ServiceHost> TrainedAsync(string? root = null)
    {
        var host = await ServiceHost.StartAsync(root: root);
        var job = TinyJobs.LanguageModel("names", epochs: 1);
        job["tags"] = new JsonObject { ["run"] = "7" };
        await host.TrainAsync(job);
        return host;
    }
}
