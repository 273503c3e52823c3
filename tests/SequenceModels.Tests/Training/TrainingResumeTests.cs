using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Tests.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>A run that was interrupted, wherever and however often, gives what it would have given without: the same weights bit for bit, the same curve and the same metrics.</summary>
public sealed class TrainingResumeTests
{
    private static readonly ArchitectureRequest Small = new() { HiddenSize = 17, EmbeddingSize = 9, Dropout = 0.2 };
    private static readonly TrainingRequest Settings = new() { Epochs = 3, BatchSize = 5, SequenceLength = 30, LearningRate = 0.01, EarlyStoppingPatience = 1000, Seed = 5 };

    [Theory]
    [InlineData("text")]
    [InlineData("lines")]
    [InlineData("labelled")]
    public void Interrupted_at_any_moment_a_run_gives_the_same_bits(string kind)
    {
        var runs = new InterruptedRuns(kind, Small, Settings with { Epochs = 2, GradientAccumulation = 2, ValidateEverySteps = 3 }, sentences: 24);
        var counting = new Counting();
        using var whole = runs.Train(counting, null, 1)!;
        Assert.InRange(counting.Asked, 8, 40);
        for (int moment = 0; moment < counting.Asked; moment++)
        {
            using var interrupted = runs.Interrupted(moment);
            InterruptedRuns.AssertSame(whole, interrupted, $"after an interruption at moment {moment}.");
        }

        using var everywhere = runs.Interrupted(Enumerable.Range(0, counting.Asked));
        InterruptedRuns.AssertSame(whole, everywhere, "after interruptions at all moments.");
    }

    public static TheoryData<OptimizerSettings> Rules => new()
    {
        new OptimizerSettings(),
        new OptimizerSettings { AmsGrad = true },
        new OptimizerSettings { DecoupledWeightDecay = true, WeightDecay = 0.01 },
        new OptimizerSettings { Rule = UpdateRule.Sgd },
        new OptimizerSettings { Rule = UpdateRule.Sgd, Momentum = 0.9, Nesterov = true },
        new OptimizerSettings { Rule = UpdateRule.AveragedSgd, AveragingPatience = 0 },
        new OptimizerSettings { Rule = UpdateRule.RmsProp },
        new OptimizerSettings { Rule = UpdateRule.RmsProp, Centered = true, Momentum = 0.5 },
        new OptimizerSettings { Rule = UpdateRule.Adagrad },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void So_does_every_update_rule(OptimizerSettings rule)
    {
        // Averaging starts at a loss above an earlier one: a rate that is too high brings that about.
        var settings = Settings with { Epochs = 6, Optimizer = rule, LearningRate = rule.Rule == UpdateRule.AveragedSgd ? 30 : 0.02 };
        Compare("lines", Small, settings, 9, 23, 37);
        Compare("labelled", Small, settings, 9, 23, 37);
    }

    public static TheoryData<ScheduleSettings> Schedules => new()
    {
        new ScheduleSettings { Kind = ScheduleKind.Constant, WarmupSteps = 12 },
        new ScheduleSettings { Kind = ScheduleKind.Step, EpochsPerDecay = 2, DecayFactor = 0.5 },
        new ScheduleSettings { Kind = ScheduleKind.Exponential },
        new ScheduleSettings { Kind = ScheduleKind.Cosine, WarmupSteps = 5 },
        new ScheduleSettings { Kind = ScheduleKind.OneCycle },
        new ScheduleSettings { Kind = ScheduleKind.ReduceOnPlateau, Patience = 0, DecayFactor = 0.5, Cooldown = 1 },
    };

    [Theory]
    [MemberData(nameof(Schedules))]
    public void So_does_every_schedule(ScheduleSettings schedule)
    {
        var settings = Settings with { Epochs = 5, Schedule = schedule, LearningRate = schedule.Kind == ScheduleKind.ReduceOnPlateau ? 0.2 : 0.02 };
        Compare("lines", Small, settings, 8, 20, 33);
        Compare("text", Small, settings with { ValidateEverySteps = 2 }, 8, 20, 33);
    }

    [Fact]
    public void So_does_a_run_that_ends_early()
    {
        var runs = new InterruptedRuns("lines", Small, Settings with { Epochs = 100, LearningRate = 0.1, EarlyStoppingPatience = 2 });
        using var whole = runs.Whole();
        Assert.Equal("earlyStopping", whole.StopReason);
        using var interrupted = runs.Interrupted(12, 25);
        InterruptedRuns.AssertSame(whole, interrupted);
    }

    [Fact]
    public void So_does_a_run_that_diverges_and_goes_back()
    {
        var runs = new InterruptedRuns("lines", Small, Settings with { Epochs = 4, LearningRate = 50, GradientClipNorm = 1e6, Optimizer = new() { Rule = UpdateRule.Sgd, Momentum = 0.9 } });
        using var whole = runs.Whole();
        Assert.NotNull(whole.Divergence);
        int moment = (int)whole.Divergence.Step;
        foreach (int[] moments in new int[][] { [moment - 2, moment], [moment + 1], [3, moment + 3, moment + 9] })
        {
            using var interrupted = runs.Interrupted(moments);
            InterruptedRuns.AssertSame(whole, interrupted);
            Assert.Equal(whole.Divergence, interrupted.Divergence);
        }
    }

    [Fact]
    public void So_does_a_run_whose_rate_a_range_test_finds() =>
        Compare("text", Small, Settings with { RangeTest = new() { Steps = 20 } }, 2, 9);

    public static TheoryData<string> Options => [.. LayerOptions.All.Keys];

    [Theory]
    [MemberData(nameof(Options))]
    public void So_does_every_option_of_the_layers(string option)
    {
        foreach (string kind in option == LayerOptions.Tied ? ["text", "lines"] : option == LayerOptions.Attention ? ["labelled"] : new[] { "text", "lines", "labelled" })
            Compare(kind, Small with { Layers = 2, Dropout = 0 }, Settings with { Epochs = 2, TemporalActivationRegularization = 1, LabelSmoothing = 0.1 }, [4, 11], LayerOptions.All[option]);
    }

    [Theory]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.Gru)]
    [InlineData(CellKind.PeepholeLstm)]
    [InlineData(CellKind.LayerNormLstm)]
    public void So_does_a_long_text_whose_state_is_carried(CellKind cell) =>
        Compare("text", Small with { Cell = cell, Layers = 2 }, Settings with { SequenceLength = 11, LearningRate = 0.02 }, 3, 10, 19);

    [Fact]
    public void Time_counts_on_over_interruptions()
    {
        var runs = new InterruptedRuns("lines", Small, Settings);
        using var checkpoint = new MemoryStream(runs.Checkpoint(8)); // seven updates and a validation
        var read = TrainingCheckpoint.Read(checkpoint);
        Assert.Equal((2, 7), (read.Epoch, read.Step));
        Assert.True(read.Elapsed > TimeSpan.Zero);
        var watching = new Counting();
        using var outcome = runs.Train(watching, checkpoint, 1)!;
        // Before the run is ready, what is told is what the checkpoint has; then the run says the same.
        var (told, ready) = (watching.Reports[0], watching.Reports[1]);
        Assert.Equal((read.Step, read.Epoch), (told.Step, told.Epoch));
        Assert.NotNull(told.BestValidationLoss);
        Assert.Equal((ready.Step, ready.Epoch, ready.TrainingLoss, ready.ValidationLoss, ready.BestValidationLoss), (told.Step, told.Epoch, told.TrainingLoss, told.ValidationLoss, told.BestValidationLoss));
        Assert.All(watching.Reports, report => Assert.True(report.Elapsed >= read.Elapsed));
        Assert.True(outcome.ElapsedSeconds > read.Elapsed.TotalSeconds);
        Assert.Equal(outcome.Curve.OrderBy(point => point.ElapsedSeconds), outcome.Curve);
    }

    [Fact]
    public void A_run_whose_time_is_up_is_not_given_more_by_an_interruption()
    {
        var runs = new InterruptedRuns("lines", Small, Settings with { Epochs = 10_000, MaxSeconds = 1 });
        var control = new Late();
        Assert.Null(runs.Train(control, null, 1));
        using var outcome = runs.Train(new TrainingControl(), control.File, 2)!;
        Assert.Equal("maxSeconds", outcome.StopReason);
        Assert.InRange(outcome.Curve[^1].Step, control.Step, control.Step + 1);
    }

    private static void Compare(string kind, ArchitectureRequest architecture, TrainingRequest settings, params int[] moments) => Compare(kind, architecture, settings, moments, null);

    private static void Compare(string kind, ArchitectureRequest architecture, TrainingRequest settings, int[] moments, Func<ArchitectureSettings, ArchitectureSettings>? change)
    {
        var runs = new InterruptedRuns(kind, architecture, settings, change: change);
        using var whole = runs.Whole();
        using var interrupted = runs.Interrupted(moments);
        InterruptedRuns.AssertSame(whole, interrupted, $"of {kind}.");
    }

    private sealed class Counting : TrainingControl
    {
        public int Asked { get; private set; }

        public List<TrainingProgress> Reports { get; } = [];

        public override void Report(TrainingProgress progress) => Reports.Add(progress);

        public override TrainingDecision Decide(TrainingMoment moment)
        {
            Asked++;
            return TrainingDecision.Continue;
        }
    }

    /// <summary>Pauses as soon as the time of the run is up.</summary>
    private sealed class Late : TrainingControl
    {
        public MemoryStream File { get; } = new();

        public long Step { get; private set; }

        public override TrainingDecision Decide(TrainingMoment moment)
        {
            if (moment.Step == 0 || moment.Elapsed < TimeSpan.FromSeconds(1))
                return TrainingDecision.Continue;
            Step = moment.Step;
            moment.WriteCheckpoint(File);
            return TrainingDecision.Pause;
        }
    }
}
