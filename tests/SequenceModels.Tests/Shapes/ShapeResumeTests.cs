using SequenceModels.Shapes;
using SequenceModels.Training;

namespace SequenceModels.Tests.Shapes;

/// <summary>A training that is interrupted and taken up again gives the bits of one that is not.</summary>
public sealed class ShapeResumeTests
{
    public static TheoryData<string> Cases => ShapeCases.Names;

    [Theory, MemberData(nameof(Cases))]
    public void An_interrupted_training_gives_the_same_weights(string name)
    {
        var task = ShapeCases.All[name];
        var settings = new TrainingSettings { Epochs = 3, BatchSize = 4, LearningRate = 0.01, Seed = 3 };
        var (training, validation) = (ShapeCases.Examples(task, 14), ShapeCases.Examples(task, 5, seed: 2));
        using var whole = new SequenceTaskTrainer(1).Train(task, settings, training, validation, new TrainingControl(), null, default)!;
        var pause = new PauseAt(7);
        Assert.Null(new SequenceTaskTrainer(1).Train(task, settings, training, validation, pause, null, default));
        using var rest = new SequenceTaskTrainer(2).Train(task, settings, training, validation, new TrainingControl(), pause.Checkpoint(), default)!;
        Assert.Equal(Bytes(whole.Model), Bytes(rest.Model));
        Assert.Equal(whole.Curve.Select(point => point with { ElapsedSeconds = 0 }), rest.Curve.Select(point => point with { ElapsedSeconds = 0 }));

        SequenceExample[] others = [.. training.Skip(1), training[0]];
        Assert.Throws<TrainingCheckpointException>(() => new SequenceTaskTrainer(1).Train(task, settings, others, validation, new TrainingControl(), pause.Checkpoint(), default));
    }

    private static byte[] Bytes(SequenceTaskModel model)
    {
        using var stream = new MemoryStream();
        model.WriteWeights(stream);
        return stream.ToArray();
    }

    private sealed class PauseAt(int moment) : TrainingControl
    {
        private byte[] _file = [];
        private int _asked;

        public override TrainingDecision Decide(TrainingMoment at)
        {
            if (_asked++ < moment)
                return TrainingDecision.Continue;
            using var file = new MemoryStream();
            at.WriteCheckpoint(file);
            _file = file.ToArray();
            return TrainingDecision.Pause;
        }

        public TrainingCheckpoint Checkpoint() => TrainingCheckpoint.Read(new MemoryStream(_file));
    }
}
