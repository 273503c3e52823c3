using SequenceModels.Data;
using SequenceModels.Kernels;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>A range test before a run finds a rate and leaves no other trace.</summary>
public sealed class LearningRateSearchTests
{
    private static readonly ArchitectureRequest s_architecture = new() { HiddenSize = 16, Dropout = 0.2 };
    private static readonly TrainingRequest s_settings = new() { Epochs = 2, BatchSize = 4, Seed = 3, RangeTest = new() { Steps = 40 } };

    [Theory]
    [InlineData(TaskKind.Classification, 1)]
    [InlineData(TaskKind.LanguageModel, 1)]
    [InlineData(TaskKind.LanguageModel, 2)]
    public void The_run_after_it_has_the_bits_of_one_that_is_given_the_rate(TaskKind task, int accumulation)
    {
        var data = task == TaskKind.Classification ? TrainingRuns.Labelled(60) : TrainingRuns.Text(300);
        var settings = s_settings with { GradientAccumulation = accumulation };
        using var tested = TrainingRuns.Train(task, data, s_architecture, settings);
        double rate = tested.RangeTest!.LearningRate;
        Assert.InRange(rate, 1e-4, 1);
        Assert.Equal(tested.RangeTest.Test.Suggestion, rate);
        Assert.InRange(tested.RangeTest.Test.Curve.Count, 10, 40);

        using var given = TrainingRuns.Train(task, data, s_architecture, settings with { RangeTest = null, LearningRate = rate });
        Assert.Null(given.RangeTest);
        Assert.Equal(TrainingRuns.Hash(given.Model), TrainingRuns.Hash(tested.Model));
        Assert.All(tested.Curve, point => Assert.Equal(rate, point.LearningRate));
    }

    [Fact]
    public void It_finds_the_same_rate_with_other_threads_and_vectors_and_another_with_another_seed()
    {
        using var first = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(60), s_architecture, s_settings, threads: 1, width: SimdWidth.Scalar);
        using var second = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(60), s_architecture, s_settings, threads: 3);
        using var other = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(60), s_architecture, s_settings with { Seed = 4 });
        Assert.Equal(first.RangeTest!.Test.Curve, second.RangeTest!.Test.Curve);
        Assert.Equal(first.RangeTest.LearningRate, second.RangeTest.LearningRate);
        Assert.NotEqual(first.RangeTest.Test.Curve, other.RangeTest!.Test.Curve);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("labelled")]
    public void An_interrupted_run_finds_its_rate_again_and_gives_the_same_bits(string kind)
    {
        var runs = new InterruptedRuns(kind, s_architecture, s_settings, sentences: 60);
        using var whole = runs.Whole();
        using var interrupted = runs.Interrupted(3, 9);
        Assert.Equal(whole.RangeTest!.Test.Curve, interrupted.RangeTest!.Test.Curve);
        InterruptedRuns.AssertSame(whole, interrupted);
    }

    [Fact]
    public void Progress_tells_its_steps_before_the_first_epoch_and_what_it_found_after_it()
    {
        var reports = new List<TrainingProgress>();
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(60), s_architecture, s_settings, report: reports.Add);
        var testing = reports.Where(report => report.RangeTest is { Found: null }).ToList();
        Assert.Equal(Enumerable.Range(1, testing.Count), testing.Select(report => report.RangeTest!.Step));
        Assert.All(testing, report => Assert.Equal((0, 0L, 40), (report.Epoch, report.Step, report.RangeTest!.Steps)));
        var running = reports.Where(report => report.Epoch > 0).ToList();
        Assert.Equal(2, running.Count(report => report.EpochEnded));
        Assert.All(running, report => Assert.Equal(outcome.RangeTest!.LearningRate, report.RangeTest!.Found));
    }

    [Fact]
    public void Where_the_loss_never_falls_the_rate_is_that_of_a_run_without_a_test()
    {
        var settings = s_settings with { RangeTest = new() { Lowest = 90, Highest = 100, Steps = 10 }, Optimizer = new OptimizerSettings { Rule = UpdateRule.Sgd } };
        using var outcome = TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(60), s_architecture, settings);
        var (training, validation) = DataSplitter.Split(TrainingRuns.Lines(60), 0.2, 1);
        var automatic = TrainingRuns.Plan(TaskKind.LanguageModel, training, validation, s_architecture, settings with { RangeTest = null });
        Assert.Null(outcome.RangeTest!.Test.Suggestion);
        Assert.Equal(automatic.Training.LearningRate, outcome.RangeTest.LearningRate);
    }

    [Fact]
    public void One_that_time_ends_is_followed_by_an_update_and_a_validation_and_a_run_that_goes_on_finds_the_same_rate()
    {
        var runs = new InterruptedRuns("lines", s_architecture with { HiddenSize = 128 }, s_settings with { RangeTest = new() { Steps = 10_000 }, MaxSeconds = 1 }, sentences: 60);
        var control = new PausingAfterTheUpdate();
        Assert.Null(runs.Train(control, null, 1));
        var told = control.Reports.Last(report => report.RangeTest is not null).RangeTest!;
        Assert.InRange(told.Step, 1, 9_999);
        var testing = control.Reports.Where(report => report.RangeTest is { Found: null }).Select(report => report.Elapsed.TotalSeconds).ToList();
        Assert.Equal(testing.Order(), testing);
        Assert.InRange(testing[0], 1e-6, 1);
        Assert.InRange(testing[^1], 0.9, 10);

        using var outcome = runs.Train(new TrainingControl(), control.File, 2)!;
        Assert.Equal("maxSeconds", outcome.StopReason);
        Assert.InRange(Assert.Single(outcome.Curve).Step, 1, 2);
        Assert.NotEmpty(outcome.Metrics);
        var (found, test) = (outcome.RangeTest!, outcome.RangeTest!.Test);
        Assert.True(test is { Stopped: true, Diverged: false });
        Assert.Equal((told.Step, told.Found), (test.Curve.Count, found.LearningRate));
        Assert.Equal(test.Suggestion ?? runs.Plan.Training.LearningRate, found.LearningRate);
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => TrainingRuns.Train(
            TaskKind.LanguageModel, TrainingRuns.Lines(60), s_architecture, s_settings, report: Cancel, cancellationToken: cancellation.Token));

        void Cancel(TrainingProgress progress)
        {
            Assert.Equal(0, progress.Epoch);
            if (progress.RangeTest is { Step: 5 })
                cancellation.Cancel();
        }
    }

    /// <summary>Watches, and pauses when the first update has been made.</summary>
    private sealed class PausingAfterTheUpdate : TrainingControl
    {
        public List<TrainingProgress> Reports { get; } = [];

        public MemoryStream File { get; } = new();

        public override void Report(TrainingProgress progress) => Reports.Add(progress);

        public override TrainingDecision Decide(TrainingMoment moment)
        {
            if (moment.Step == 0)
                return TrainingDecision.Continue;
            moment.WriteCheckpoint(File);
            return TrainingDecision.Pause;
        }
    }
}
