using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>A run that may be interrupted, its checkpoint written and read in memory, and taken up by another number of threads.</summary>
internal sealed class InterruptedRuns
{
    private readonly TrainingData _training;
    private readonly TrainingData _validation;

    public InterruptedRuns(string kind, ArchitectureRequest architecture, TrainingRequest settings, int sentences = 40, Func<ArchitectureSettings, ArchitectureSettings>? change = null)
    {
        var (task, data) = kind switch
        {
            "text" => (TaskKind.LanguageModel, TrainingRuns.Text(sentences)),
            "lines" => (TaskKind.LanguageModel, TrainingRuns.Lines(sentences)),
            _ => (TaskKind.Classification, TrainingRuns.Labelled(sentences)),
        };
        (_training, _validation) = DataSplitter.Split(data, 0.2, 1);
        var plan = TrainingRuns.Plan(task, _training, _validation, architecture, settings);
        Plan = plan with { Architecture = change?.Invoke(plan.Architecture) ?? plan.Architecture };
    }

    public TrainingPlan Plan { get; init; }

    /// <summary>The run without an interruption.</summary>
    public TrainingOutcome Whole(int threads = 1) => Train(new TrainingControl(), null, threads)!;

    /// <summary>The run, interrupted at each of these times that the control was asked (counted on over all interruptions) and taken up by one thread more each time.</summary>
    public TrainingOutcome Interrupted(params IEnumerable<int> moments)
    {
        MemoryStream? file = null;
        int threads = 1, asked = 0;
        foreach (int moment in moments)
        {
            var control = new Pausing(moment - asked);
            Assert.Null(Train(control, file, threads++));
            (file, asked) = (control.File, moment);
        }

        return Train(new TrainingControl(), file, threads)!;
    }

    /// <summary>The checkpoint at a moment.</summary>
    public byte[] Checkpoint(int moment)
    {
        var control = new Pausing(moment);
        Assert.Null(Train(control, null, 1));
        return control.File.ToArray();
    }

    public TrainingOutcome? Train(TrainingControl control, MemoryStream? from, int threads) =>
        new Trainer(threads).Train(Plan, _training, _validation, control, from is null ? null : TrainingCheckpoint.Read(from), CancellationToken.None);

    /// <summary>Everything but the time it took is the same, to the last bit.</summary>
    public static void AssertSame(TrainingOutcome expected, TrainingOutcome actual, string message = "")
    {
        Assert.True(TrainingRuns.Hash(expected.Model) == TrainingRuns.Hash(actual.Model), "Other weights " + message);
        Assert.Equal(expected.Curve.Select(point => point with { ElapsedSeconds = 0 }), actual.Curve.Select(point => point with { ElapsedSeconds = 0 }));
        Assert.Equal(expected.Metrics, actual.Metrics);
        Assert.Equal((expected.BestEpoch, expected.StopReason, expected.Tokens), (actual.BestEpoch, actual.StopReason, actual.Tokens));
    }

    /// <summary>Writes a checkpoint at a moment and pauses.</summary>
    private sealed class Pausing(int moment) : TrainingControl
    {
        private int _asked;

        public MemoryStream File { get; } = new();

        public override TrainingDecision Decide(TrainingMoment at)
        {
            if (_asked++ < moment)
                return TrainingDecision.Continue;
            at.WriteCheckpoint(File);
            return TrainingDecision.Pause;
        }
    }
}
