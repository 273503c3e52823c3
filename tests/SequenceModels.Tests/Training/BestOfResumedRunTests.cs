using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>Who watches a run that goes on from a checkpoint gets the best weights of before.</summary>
public sealed class BestOfResumedRunTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(20)]
    public void The_best_weights_come_back_with_the_checkpoint_if_there_were_any(int moment)
    {
        var runs = new InterruptedRuns("lines", new() { HiddenSize = 17, EmbeddingSize = 9, Dropout = 0.2 }, new() { Epochs = 6, BatchSize = 5, LearningRate = 0.01, EarlyStoppingPatience = 1000, Seed = 5 });
        var before = new Watching(moment);
        Assert.Null(runs.Train(before, null, 1));
        var after = new Watching(int.MaxValue);
        using var outcome = runs.Train(after, before.File, 2);
        Assert.Equal(moment > 10, before.Best is not null);
        Assert.Equal(before.Best, after.CameBack);
    }

    /// <summary>Hashes the best weights, and pauses at a moment.</summary>
    private sealed class Watching(int moment) : TrainingControl
    {
        private int _asked;

        public string? Best { get; private set; }

        public string? CameBack { get; private set; }

        public MemoryStream File { get; } = new();

        public override TrainingDecision Decide(TrainingMoment at)
        {
            if (_asked++ < moment)
                return TrainingDecision.Continue;
            at.WriteCheckpoint(File);
            return TrainingDecision.Pause;
        }

        public override void Validated(ValidatedWeights validated) => Best = validated.IsBest ? Hash(validated) : Best;

        public override void WentOn(ValidatedWeights best) => CameBack = Hash(best);

        private static string Hash(ValidatedWeights weights)
        {
            using var model = weights.CopyModel();
            return TrainingRuns.Hash(model);
        }
    }
}
