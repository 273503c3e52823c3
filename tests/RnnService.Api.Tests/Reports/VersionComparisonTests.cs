using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Reports;

public sealed class VersionComparisonTests
{
    [Fact]
    public async Task Two_versions_differ_in_what_was_set_otherwise()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.Classifier("moods"));
        var second = TinyJobs.Classifier("moods", epochs: 12);
        second["architecture"]!["hiddenSize"] = 12;
        await host.TrainAsync(second);
        var other = TinyJobs.Classifier("other");
        other["dataset"]!["examples"] = TinyJobs.Examples(60);
        await host.TrainAsync(other);
        await host.TrainAsync(TinyJobs.LanguageModel("lines"));

        var comparison = await host.GetAsync("/api/v1/models/moods/versions/1/compare?with=moods");
        Assert.Equal(2, (int)comparison["second"]!["version"]!);
        Assert.Equal(
            [("architecture.hiddenSize", "8", "12"), ("training.epochs", "2", "12")],
            comparison["settings"]!.AsArray().Select(difference => ((string)difference!["path"]!, (string)difference["first"]!, (string)difference["second"]!)));
        Assert.Empty(comparison["data"]!.AsArray());
        Assert.True((bool)comparison["sameTrainingData"]! && (bool)comparison["sameValidationData"]!);
        Assert.False((bool)comparison["sameWeights"]!);
        var loss = comparison["metrics"]!.AsArray().Single(metric => (string?)metric!["name"] == "validationLoss")!;
        Assert.Equal((double)loss["second"]! - (double)loss["first"]!, (double)loss["difference"]!, 1e-12);
        bool overlap = (double)loss["firstInterval"]!["lower"]! <= (double)loss["secondInterval"]!["upper"]! && (double)loss["secondInterval"]!["lower"]! <= (double)loss["firstInterval"]!["upper"]!;
        Assert.Equal(overlap, (bool)loss["intervalsOverlap"]!);
        Assert.Null(comparison["metrics"]!.AsArray().Single(metric => (string?)metric!["name"] == "examples")!["intervalsOverlap"]);

        comparison = await host.GetAsync("/api/v1/models/moods/versions/1/compare?with=other:1");
        Assert.False((bool)comparison["sameTrainingData"]! || (bool)comparison["sameValidationData"]!);
        Assert.Contains(comparison["data"]!.AsArray(), difference => (string?)difference!["path"] == "dataset.sha256");

        await host.GetAsync("/api/v1/models/moods/versions/1/compare?with=lines", 409);
        await host.GetAsync("/api/v1/models/moods/versions/1/compare?with=nobody", 404);
        await host.GetAsync("/api/v1/models/moods/versions/1/compare?with=moods:7", 404);
        await host.GetAsync("/api/v1/models/moods/versions/1/compare?with=Not%20A%20Name", 400);
        await host.GetAsync("/api/v1/models/moods/versions/1/compare", 400);
    }
}
