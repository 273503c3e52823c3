using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Models;
using RnnService.Api.Reports;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Reports;

public sealed class VersionComparisonTests
{
    [Fact]
    public async Task The_same_bytes_read_by_other_options_are_other_data()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.Classifier("moods"));
        var read = await host.Services.GetRequiredService<DescribedVersions>().ReadAsync(new ModelReference("moods", 1, null), CancellationToken.None);
        var version = read.Version!;
        var split = version.Manifest.Split;
        Assert.Equal((true, true), Same(version.Manifest));
        Assert.Equal((false, true), Same(version.Manifest with { Split = split with { TrainingCharacters = split.TrainingCharacters + 1 } }));
        Assert.Equal((true, false), Same(version.Manifest with { Split = split with { ValidationSequences = split.ValidationSequences + 1 } }));
        Assert.Equal((false, false), Same(version.Manifest with { Labels = ["bad", "good"] }));

        var given = version with { Manifest = version.Manifest with { Split = split with { ValidationFraction = null, ValidationDataset = version.Manifest.Dataset, Method = "given" } } };
        var comparison = VersionComparison.Of(given, given with { Manifest = given.Manifest with { Split = given.Manifest.Split with { ValidationCharacters = 1 } } });
        Assert.Equal((true, false), (comparison.SameTrainingData, comparison.SameValidationData));

        (bool Training, bool Validation) Same(VersionManifest other)
        {
            var comparison = VersionComparison.Of(version, version with { Manifest = other });
            return (comparison.SameTrainingData, comparison.SameValidationData);
        }
    }

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
