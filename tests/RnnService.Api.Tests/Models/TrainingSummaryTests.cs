using System.Text.Json;
using RnnService.Api.Models;
using RnnService.Api.TrainingJobs;
using SequenceModels.Optimizers;
using SequenceModels.Training;

namespace RnnService.Api.Tests.Models;

/// <summary>Settings survive being written down, and what was written before there were so many of them is still read.</summary>
public sealed class TrainingSummaryTests
{
    public static TheoryData<OptimizerSettings, ScheduleSettings> Settings => new()
    {
        { new(), new() { WarmupSteps = 7 } },
        { new() { AmsGrad = true, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, WeightDecay = 0.1 }, new() { Kind = ScheduleKind.Step, DecayFactor = 0.3, EpochsPerDecay = 4 } },
        { new() { DecoupledWeightDecay = true, WeightDecay = 0.02 }, new() { Kind = ScheduleKind.Exponential, WarmupSteps = 1 } },
        { new() { Rule = UpdateRule.Sgd, Momentum = 0.9, Nesterov = true }, new() { Kind = ScheduleKind.Cosine, LeastFraction = 0.1 } },
        { new() { Rule = UpdateRule.AveragedSgd, AveragingPatience = 3 }, new() { Kind = ScheduleKind.OneCycle, RiseFraction = 0.2, InitialDivisor = 10, FinalDivisor = 100 } },
        { new() { Rule = UpdateRule.RmsProp, SquareDecay = 0.9, Centered = true, Momentum = 0.5 }, new() { Kind = ScheduleKind.ReduceOnPlateau, Patience = 5, Threshold = 0.01, Cooldown = 2, LeastFraction = 0.1 } },
        { new() { Rule = UpdateRule.Adagrad }, new() },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void Settings_come_back_as_they_were_written(OptimizerSettings optimizer, ScheduleSettings schedule)
    {
        var settings = new TrainingSettings
        {
            Optimizer = optimizer,
            Schedule = schedule,
            GradientClipValue = 0.5,
            GradientAccumulation = 3,
            ActivationRegularization = 2,
            TemporalActivationRegularization = 1,
            LabelSmoothing = 0.1,
            ClassWeights = new Dictionary<string, double> { ["a"] = 1.0 / 3, ["b"] = 7 },
            ValidateEverySteps = 7,
            MaxSeconds = 9,
            Seed = 5,
        };
        string json = JsonSerializer.Serialize(TrainingSummary.Of(settings), ManifestJson.Options);
        var summary = JsonSerializer.Deserialize<TrainingSummary>(json, ManifestJson.Options)!;
        var request = ResolvedRequests.Of(summary);

        // Numbers that depend on the rule or the kind are written as they act.
        Assert.Equal(optimizer with { Epsilon = optimizer.Rule is UpdateRule.Sgd or UpdateRule.AveragedSgd ? null : optimizer.EpsilonOrDefault }, request.Optimizer);
        bool decays = schedule.Kind is ScheduleKind.Step or ScheduleKind.Exponential or ScheduleKind.ReduceOnPlateau;
        Assert.Equal(schedule with { DecayFactor = decays ? schedule.DecayFactorOrDefault : null }, request.Schedule);
        Assert.Equal((20, 32, 64, 0.002, 5.0), (request.Epochs, request.BatchSize, request.SequenceLength, request.LearningRate, request.GradientClipNorm));
        Assert.Equal((0.5, 3, 2.0, 1.0, 0.1), (request.GradientClipValue, request.GradientAccumulation, request.ActivationRegularization, request.TemporalActivationRegularization, request.LabelSmoothing));
        Assert.Equal((7, 5, 9, 5L), (request.ValidateEverySteps, request.EarlyStoppingPatience, request.MaxSeconds, request.Seed));
        Assert.Equal(settings.ClassWeights, request.ClassWeights);
    }

    [Fact]
    public void Settings_written_without_the_newer_options_are_those_without_them()
    {
        const string written = """
            { "epochs": 3, "batchSize": 8, "sequenceLength": 27, "optimizer": "adam", "learningRate": 0.004, "gradientClipNorm": 5, "earlyStoppingPatience": 5, "maxSeconds": null, "seed": 42 }
            """;
        var request = ResolvedRequests.Of(JsonSerializer.Deserialize<TrainingSummary>(written, ManifestJson.Options)!);
        Assert.Equal(new OptimizerSettings(), request.Optimizer);
        Assert.Equal(new ScheduleSettings(), request.Schedule);
        Assert.Equal((3, 8, 27, 0.004), (request.Epochs, request.BatchSize, request.SequenceLength, request.LearningRate));
        Assert.Equal((null, 1, 0.0, 0.0, 0.0), (request.GradientClipValue, request.GradientAccumulation, request.ActivationRegularization, request.TemporalActivationRegularization, request.LabelSmoothing));
        Assert.Null(request.ClassWeights);
        Assert.Null(request.ValidateEverySteps);
    }
}
