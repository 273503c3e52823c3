using SequenceModels.Data;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

public sealed class TrainingMeasurementTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(0.05);

    [Theory]
    [InlineData("text")]
    [InlineData("lines")]
    [InlineData("labelled")]
    [InlineData("classifier")]
    public void A_measurement_counts_what_an_epoch_and_a_validation_read_and_shows_a_model(string kind)
    {
        TrainingData data = kind switch { "text" => TrainingRuns.Text(300), "lines" => TrainingRuns.Lines(50), _ => TrainingRuns.Labelled(50) };
        var (training, validation) = DataSplitter.Split(data, 0.2, 1);
        var task = kind == "classifier" ? TaskKind.Classification : TaskKind.LanguageModel;
        var plan = TrainingRuns.Plan(task, training, validation, new() { HiddenSize = 16 }, new() { BatchSize = 8, GradientAccumulation = 2, Epochs = 3, Seed = 1 });
        SequenceModel? seen = null;
        var estimate = TrainingMeasurement.Run(plan, training, validation, 2, s_short, model => seen = model, CancellationToken.None);

        Assert.Equal((Tokens(plan, training), Tokens(plan, validation)), (estimate.TokensPerEpoch, estimate.ValidationTokens));
        Assert.Equal(task, seen!.Task);
        Assert.True(estimate is { TokensPerSecond: > 0, MeasuredSteps: > 0, MeasuredSeconds: > 0, PreparationSeconds: > 0, ValidationSeconds: > 0, CopySeconds: > 0, TuningSeconds: >= 0 });
        Assert.InRange(estimate.Threads, 1, 2);
        Assert.Equal(estimate.TokensPerEpoch / estimate.TokensPerSecond, estimate.UpdateSeconds);
    }

    [Fact]
    public void What_is_measured_is_not_kept_the_run_has_the_same_bits_afterwards()
    {
        var (training, validation) = DataSplitter.Split(TrainingRuns.Lines(40), 0.2, 1);
        var plan = TrainingRuns.Plan(TaskKind.LanguageModel, training, validation, new() { HiddenSize = 12 }, new() { Epochs = 2, Seed = 5 });
        using var before = new Trainer(1).Train(plan, training, validation, _ => { }, CancellationToken.None);
        TrainingMeasurement.Run(plan, training, validation, 1, s_short, null, CancellationToken.None);
        using var after = new Trainer(1).Train(plan, training, validation, _ => { }, CancellationToken.None);
        Assert.Equal(TrainingRuns.Hash(before.Model), TrainingRuns.Hash(after.Model));
    }

    [Fact]
    public void A_measurement_ends_when_it_is_cancelled()
    {
        var (training, validation) = DataSplitter.Split(TrainingRuns.Lines(40), 0.2, 1);
        var plan = TrainingRuns.Plan(TaskKind.LanguageModel, training, validation);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        Assert.ThrowsAny<OperationCanceledException>(() => TrainingMeasurement.Run(plan, training, validation, 1, TimeSpan.FromMinutes(5), null, cancellation.Token));
    }

    [Fact]
    public void Seconds_are_those_of_all_epochs_or_what_the_limit_allows()
    {
        var estimate = Estimate(new() { Epochs = 10, BatchSize = 8, Seed = 1 });
        Assert.Equal((1, 20d), (estimate.ValidationsPerEpoch, estimate.UpdateSeconds));
        Assert.Equal(20 + 3, estimate.SecondsPerEpoch());
        Assert.Equal(20 + 3 + 4, estimate.SecondsPerEpoch(watching: 4));
        Assert.Equal(7 + 2 + 10 * 23 + 5, estimate.SecondsAtMost());
        Assert.Equal(7 + 2 + 10 * 27 + 5, estimate.SecondsAtMost(watching: 4));

        // The update and the validation that end it come after the limit.
        var limited = Estimate(new() { Epochs = 10, BatchSize = 8, MaxSeconds = 100, Seed = 1 });
        Assert.Equal(100 + 20.0 / limited.Plan.StepsPerEpoch + 3 + 5, limited.SecondsAtMost());

        var often = Estimate(new() { Epochs = 10, BatchSize = 8, ValidateEverySteps = 2, RangeTest = new RangeTestSettings { Steps = 10 }, Seed = 1 });
        Assert.Equal(5, often.Plan.StepsPerEpoch);
        Assert.Equal((3, 40d), (often.ValidationsPerEpoch, often.RangeTestSeconds));
        Assert.Equal(7 + 2 + 40 + 10 * (20 + 3 * 3) + 5, often.SecondsAtMost());

        // Time ends a range test too, and preparation, which it does not end, is not followed by one.
        var tested = new TrainingRequest { Epochs = 10, BatchSize = 8, RangeTest = new RangeTestSettings { Steps = 10_000 }, Seed = 1 };
        Assert.Equal((93d, 100 + 4 + 3 + 5), (Estimate(tested with { MaxSeconds = 100 }).RangeTestSeconds, Estimate(tested with { MaxSeconds = 100 }).SecondsAtMost()));
        Assert.Equal((0d, 7 + 4 + 3 + 5), (Estimate(tested with { MaxSeconds = 5 }).RangeTestSeconds, Estimate(tested with { MaxSeconds = 5 }).SecondsAtMost()));
    }

    [Fact]
    public void Updates_are_told_by_the_fastest_number_of_threads_and_what_finding_it_costs_is_told_too()
    {
        var times = new UpdateTimes();
        foreach (var (threads, seconds) in new[] { (2, 9d), (1, 9d), (2, 1d), (1, 3d), (2, 1d) })
            times.Add(threads, 100, seconds, warm: false);
        var (best, tuning) = times.Best(1000);
        Assert.Equal((2, 2, 200L, 2d), (best.Threads, best.Steps, best.Tokens, best.Seconds));
        Assert.Equal(TeamSizeTuner.Rounds * (3 - 1), tuning, 9);
        Assert.Equal(2 * (3 - 1), times.Best(4).TuningSeconds, 9);

        // Once the number is settled, the updates after that are all that counts.
        times.Add(1, 100, 4, warm: true);
        Assert.Equal((1, 1, 4d), (times.Best(1000).Best.Threads, times.Best(1000).Best.Steps, times.Best(1000).Best.Seconds));
    }

    private static TrainingEstimate Estimate(TrainingRequest run)
    {
        var (training, validation) = DataSplitter.Split(TrainingRuns.Lines(50), 0.2, 1);
        return new TrainingEstimate
        {
            Plan = TrainingRuns.Plan(TaskKind.LanguageModel, training, validation, null, run),
            Threads = 1,
            MeasuredSteps = 1,
            MeasuredSeconds = 1,
            TokensPerSecond = 50,
            TokensPerEpoch = 1000,
            ValidationTokens = 100,
            PreparationSeconds = 7,
            TuningSeconds = 2,
            ValidationSeconds = 3,
            CopySeconds = 5,
        };
    }

    private static long Tokens(TrainingPlan plan, TrainingData data) => data switch
    {
        TrainingData.ContinuousText text => plan.Tokenizer.Encode(text.Text).Length - 1,
        TrainingData.Lines lines => lines.Items.Sum(line => (long)Math.Min(plan.Training.SequenceLength, plan.Tokenizer.Encode(line).Length + 1)),
        TrainingData.Labelled labelled => labelled.Items.Sum(item => (long)Math.Min(plan.Training.SequenceLength, plan.Tokenizer.Encode(item.Text).Length + (plan.Task == TaskKind.LanguageModel ? 1 : 0))),
        _ => throw new ArgumentException("There is no text.", nameof(data)),
    };
}
