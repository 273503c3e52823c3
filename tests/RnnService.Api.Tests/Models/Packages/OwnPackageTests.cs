using System.Text.Json.Nodes;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Models.Packages;

/// <summary>Whatever a service has trained, another one takes in.</summary>
public sealed class OwnPackageTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public async Task Versions_of_every_kind_of_training_are_imported()
    {
        await using var host = await ServiceHost.StartAsync();
        await using var other = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("language"));
        await host.TrainAsync(TinyJobs.Classifier("first"));
        var jobs = Jobs();
        foreach (var job in jobs)
            await host.TrainAsync(job);
        foreach (string model in jobs.Select(job => (string)job["model"]!).Append("language").Append("first"))
        {
            byte[] package = await host.ExportAsync(model, 1);
            await other.ImportAsync(package);
            Assert.Equal(package, await other.ExportAsync(model, 1));
            Assert.Equal((await host.GetAsync($"/api/v1/models/{model}/versions/1/report")).ToJsonString(), (await other.GetAsync($"/api/v1/models/{model}/versions/1/report")).ToJsonString());
        }
    }

    private static List<JsonObject> Jobs()
    {
        var jobs = new List<JsonObject>();
        Add("steps", TinyJobs.LanguageModel(), """{ "optimizer": "sgd", "momentum": 0.9, "nesterov": true, "schedule": { "kind": "step" }, "gradientClipValue": 0.5, "gradientAccumulation": 2, "validateEverySteps": 1, "maxSeconds": 600 }""");
        Add("averaged", TinyJobs.LanguageModel(), """{ "optimizer": "averagedSgd", "schedule": { "kind": "oneCycle" }, "activationRegularization": 2, "temporalActivationRegularization": 1 }""");
        Add("squares", TinyJobs.Classifier(), """{ "optimizer": "rmsProp", "centered": true, "schedule": { "kind": "reduceOnPlateau" }, "classWeighting": "balanced", "labelSmoothing": 0.1 }""");
        Add("decayed", TinyJobs.Classifier(), """{ "optimizer": "adamW", "amsGrad": true, "schedule": { "kind": "cosine", "warmupSteps": 3 }, "classWeights": { "positive": 2 } }""");
        Add("grown", TinyJobs.Classifier(), """{ "optimizer": "adagrad", "schedule": { "kind": "exponential" } }""");
        Add("tested", TinyJobs.Classifier(), """{ "rangeTest": { "steps": 30 } }""");
        Add("automatic", TinyJobs.Classifier(), "{}")["architecture"] = new JsonObject();
        Add("free", TinyJobs.LanguageModel(), "{}")["architecture"] = new JsonObject();
        Add("labelled", TinyJobs.LanguageModel(), "{}")["dataset"] = new JsonObject { ["examples"] = TinyJobs.Examples() };
        Add("given", TinyJobs.Classifier(), "{}")["validation"] = new JsonObject { ["dataset"] = new JsonObject { ["examples"] = TinyJobs.Examples(20, 5) } };
        Add("long", TinyJobs.LanguageModel(), "{}")["dataset"] = new JsonObject { ["text"] = TinyJobs.Text() };
        Add("tuned", From("baseModel", "language"), "{}");
        Add("continued", From("continueFrom", "first"), "{}");
        return jobs;

        JsonObject Add(string model, JsonObject job, string training)
        {
            job["model"] = model;
            foreach (var (name, value) in JsonNode.Parse(training)!.AsObject())
                job["training"]![name] = value?.DeepClone();
            jobs.Add(job);
            return job;
        }
    }

    private static JsonObject From(string member, string model)
    {
        var job = TinyJobs.Classifier();
        job.Remove("architecture");
        job[member] = model;
        return job;
    }
}
