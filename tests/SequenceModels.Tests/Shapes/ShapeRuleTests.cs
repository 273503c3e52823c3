using SequenceModels.Shapes;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Tests.Shapes;

/// <summary>Tasks, examples and settings that do not fit are refused, and standardising is what it says.</summary>
public sealed class ShapeRuleTests
{
    private static readonly SequenceTask s_labels = new() { Shape = TaskShape.ManyToOne, Input = SequenceFormat.Frames(2), Output = SequenceFormat.Tokens(3), Architecture = new() { HiddenSize = 4 } };

    [Fact]
    public void Every_case_of_the_tests_is_a_good_task() => Assert.All(ShapeCases.All.Values, task => Assert.Empty(task.Validate()));

    [Fact]
    public void All_problems_of_a_task_are_told_at_once()
    {
        var task = s_labels with { Loss = TaskLoss.SmoothL1, Architecture = new() { HiddenSize = 0, Layers = 9, Dropout = double.NaN, TiedEmbeddings = true } };
        Assert.Equal(5, task.Validate().Count);
        Assert.Throws<ArgumentException>(() => SequenceTaskTrainer.Train(task, new(), [], []));
    }

    public static TheoryData<SequenceTask> Unfit => new()
    {
        s_labels with { Shape = TaskShape.OneToOne, Architecture = new() { Pooling = PoolingKind.Max } },
        s_labels with { Shape = TaskShape.OneToOne, Architecture = new() { Zoneout = 0.1 } },
        s_labels with { Shape = TaskShape.OneToOne, Architecture = new() { LearnedInitialState = true } },
        s_labels with { Shape = TaskShape.OneToMany, Architecture = new() { LearnedInitialState = true } },
        s_labels with { Shape = TaskShape.OneToMany, Architecture = new() { Bidirectional = true } },
        s_labels with { Shape = TaskShape.ManyToMany, Architecture = new() { Bidirectional = true } },
        s_labels with { Shape = TaskShape.ManyToMany, Architecture = new() { Pooling = PoolingKind.Mean } },
        s_labels with { Shape = TaskShape.ManyToMany, Output = SequenceFormat.Frames(2), Loss = TaskLoss.BinaryCrossEntropy },
        s_labels with { Shape = (TaskShape)9 },
        s_labels with { Output = SequenceFormat.Tokens(1) },
        s_labels with { Input = SequenceFormat.Frames(0) },
        s_labels with { Architecture = new() { Cell = (CellKind)77 } },
        s_labels with { Architecture = new() { EmbeddingDropout = 0.1 } },
    };

    [Theory, MemberData(nameof(Unfit))]
    public void A_task_whose_parts_do_not_fit_is_refused(SequenceTask task) => Assert.Single(task.Validate());

    public static TheoryData<SequenceTask, SequenceExample> UnfitExamples => new()
    {
        { s_labels, new(new TokenSequence(1), new TokenSequence(1)) },
        { s_labels, new(new FrameSequence([1, 2, 3], 3), new TokenSequence(1)) },
        { s_labels, new(new FrameSequence([], 2), new TokenSequence(1)) },
        { s_labels, new(new FrameSequence([1, float.NaN], 2), new TokenSequence(1)) },
        { s_labels, new(new FrameSequence([1, float.PositiveInfinity], 2), new TokenSequence(1)) },
        { s_labels, new(new FrameSequence([1, 2], 2), new TokenSequence(3)) },
        { s_labels, new(new FrameSequence([1, 2], 2), new TokenSequence(-2)) },
        { s_labels, new(new FrameSequence([1, 2], 2), new TokenSequence(-1)) },
        { s_labels, new(new FrameSequence([1, 2], 2), new TokenSequence(1, 1)) },
        { s_labels with { Shape = TaskShape.OneToOne }, new(new FrameSequence([1, 2, 3, 4], 2), new TokenSequence(1)) },
        { s_labels with { Shape = TaskShape.ManyToManyEqual }, new(new FrameSequence([1, 2, 3, 4], 2), new TokenSequence(1)) },
        { s_labels with { Shape = TaskShape.ManyToMany }, new(new FrameSequence([1, 2], 2), new TokenSequence(-1)) },
        { s_labels with { Output = SequenceFormat.Frames(1) }, new(new FrameSequence([1, 2], 2), FrameSequence.Vector(float.NaN)) },
        { s_labels with { Output = SequenceFormat.Frames(1) }, new(new FrameSequence([1, 2], 2), FrameSequence.Vector(float.NegativeInfinity)) },
        { s_labels with { Output = SequenceFormat.Frames(1), Loss = TaskLoss.BinaryCrossEntropy }, new(new FrameSequence([1, 2], 2), FrameSequence.Vector(1.5f)) },
        { s_labels with { Shape = TaskShape.ManyToMany, Output = SequenceFormat.Frames(1) }, new(new FrameSequence([1, 2], 2), FrameSequence.Vector(float.NaN)) },
        { s_labels with { Shape = TaskShape.ManyToMany, Output = SequenceFormat.Frames(1) }, new(new FrameSequence([1, 2], 2), new FrameSequence([], 1)) },
    };

    [Theory, MemberData(nameof(UnfitExamples))]
    public void An_example_that_is_not_the_task_s_is_refused(SequenceTask task, SequenceExample example)
    {
        Assert.Empty(task.Validate());
        var problem = Assert.Throws<ArgumentException>(() => SequenceTaskTrainer.Train(task, new(), [example], [example]));
        Assert.StartsWith("Example 0: ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_do_not_go_with_the_loss_are_refused()
    {
        SequenceExample[] labels = [new(new FrameSequence([1, 2], 2), new TokenSequence(1))], numbers = [new(new FrameSequence([1, 2], 2), FrameSequence.Vector(1))];
        var regression = s_labels with { Output = SequenceFormat.Frames(1) };
        Assert.Throws<ArgumentException>(() => SequenceTaskTrainer.Train(regression, new() { LabelSmoothing = 0.1 }, numbers, numbers));
        Assert.Throws<ArgumentException>(() => SequenceTaskTrainer.Train(regression, new() { ClassWeights = new Dictionary<string, double> { ["0"] = 2 } }, numbers, numbers));
        Assert.Throws<ArgumentException>(() => SequenceTaskTrainer.Train(s_labels, new() { ClassWeights = new Dictionary<string, double> { ["3"] = 2 } }, labels, labels));
        Assert.Throws<ArgumentException>(() => SequenceTaskTrainer.Train(s_labels, new() { ClassWeights = new Dictionary<string, double> { ["a"] = 2 } }, labels, labels));
        Assert.Throws<ArgumentException>(() => SequenceTaskTrainer.Train(s_labels, new(), labels, []));
    }

    [Fact]
    public void Means_and_deviations_are_those_of_what_is_known_and_a_constant_feature_becomes_zero()
    {
        var scaling = Standardization.Of([new([1, 0.1f, float.NaN, 1e30f], 4), new([3, 0.1f, float.NaN, -1e30f, 5, 0.1f, 7, float.NaN], 4)], 4);
        Assert.Equal([3, 0.1f, 7, 0], scaling.Mean);
        Assert.Equal([(float)Math.Sqrt(8.0 / 3), 1, 1, 1e30f], scaling.Deviation);
        float[] result = new float[4];
        scaling.Apply([5, 0.1f, 7, 1e30f], result);
        Assert.Equal([2 / (float)Math.Sqrt(8.0 / 3), 0, 0, 1], result);
        scaling.Undo(result);
        Assert.Equal([5, 0.1f, 7, 1e30f], result);
    }

    [Fact]
    public void Units_of_the_frames_change_nothing_but_the_rounding()
    {
        var examples = ShapeCases.Examples(s_labels, 30);
        SequenceExample[] scaled = [.. examples.Select(example => example with { Input = new FrameSequence([.. ((FrameSequence)example.Input).Values.ToArray().Select(value => 1024 * value)], 2) })];
        var settings = new TrainingSettings { Epochs = 3, Seed = 1 };
        using var one = SequenceTaskTrainer.Train(s_labels, settings, examples, examples);
        using var other = SequenceTaskTrainer.Train(s_labels, settings, scaled, scaled);
        Assert.Equal(one.Metrics["validationLoss"], other.Metrics["validationLoss"], 1e-6);
    }
}
