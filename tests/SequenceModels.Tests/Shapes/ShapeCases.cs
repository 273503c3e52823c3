using SequenceModels.Shapes;
using SequenceModels.Tasks;

namespace SequenceModels.Tests.Shapes;

/// <summary>Small tasks of every shape, with every kind of input, output and loss, and examples of them.</summary>
internal static class ShapeCases
{
    private static readonly SequenceFormat s_tokens = SequenceFormat.Tokens(5), s_frames = SequenceFormat.Frames(3);

    private static readonly ArchitectureSettings s_small = new() { HiddenSize = 5, EmbeddingSize = 4 };

    /// <summary>Every option that goes with recurrent layers.</summary>
    private static readonly ArchitectureSettings s_options = s_small with
    {
        Layers = 2,
        Dropout = 0.2,
        DropoutKind = DropoutKind.Variational,
        InputDropout = 0.1,
        OutputDropout = 0.2,
        WeightDropout = 0.2,
        Zoneout = 0.1,
        Residual = true,
        LayerNorm = true,
    };

    /// <summary>The tasks by name.</summary>
    public static IReadOnlyDictionary<string, SequenceTask> All { get; } = new Dictionary<string, SequenceTask>
    {
        ["one to one, label of a vector"] = Task(TaskShape.OneToOne, s_frames, s_tokens, s_small with { Layers = 2 }),
        ["one to one, numbers of a class"] = Task(TaskShape.OneToOne, s_tokens, s_frames, s_small),
        ["one to one, labels, dropped out"] = Task(TaskShape.OneToOne, s_frames, s_frames, s_small with { Layers = 3, Dropout = 0.2, InputDropout = 0.1 }, TaskLoss.BinaryCrossEntropy),
        ["one to one, numbers by Huber"] = Task(TaskShape.OneToOne, s_frames, s_frames, s_small, TaskLoss.SmoothL1),
        ["one to many, tokens of a class"] = Task(TaskShape.OneToMany, s_tokens, s_tokens, s_small with { Layers = 2 }),
        ["one to many, tokens of a vector"] = Task(TaskShape.OneToMany, s_frames, s_tokens, s_small with { Cell = CellKind.Gru }),
        ["one to many, frames of a class"] = Task(TaskShape.OneToMany, s_tokens, s_frames, s_small with { Cell = CellKind.PeepholeLstm }),
        ["one to many, frames of a vector, options"] = Task(TaskShape.OneToMany, s_frames, s_frames, s_options),
        ["many to one, label of frames"] = Task(TaskShape.ManyToOne, s_frames, s_tokens, s_small with { Bidirectional = true }),
        ["many to one, label of frames by all poolings"] = Task(TaskShape.ManyToOne, s_frames, s_tokens, s_small with { Pooling = PoolingKind.Concat, Cell = CellKind.Gru, Bidirectional = true, OutputDropout = 0.1 }),
        ["many to one, labels of tokens"] = Task(TaskShape.ManyToOne, s_tokens, s_frames, s_small with { Pooling = PoolingKind.Max, Cell = CellKind.Gru }, TaskLoss.BinaryCrossEntropy),
        ["many to one, numbers of frames by attention"] = Task(TaskShape.ManyToOne, s_frames, s_frames, s_small with { Pooling = PoolingKind.Attention }),
        ["many to one, numbers of frames, options"] =
            Task(TaskShape.ManyToOne, s_frames, s_frames, s_options with { Pooling = PoolingKind.Last, LearnedInitialState = true, Bidirectional = true }),
        ["many to many, label of each frame"] = Task(TaskShape.ManyToManyEqual, s_frames, s_tokens, s_small with { Bidirectional = true, Layers = 2 }),
        ["many to many, label of each token"] = Task(TaskShape.ManyToManyEqual, s_tokens, s_tokens, s_small with { Cell = CellKind.LayerNormLstm }),
        ["many to many, labels of each frame"] = Task(TaskShape.ManyToManyEqual, s_frames, s_frames, s_small with { Cell = CellKind.GruResetBefore }, TaskLoss.BinaryCrossEntropy),
        ["many to many, numbers of each token, options"] = Task(TaskShape.ManyToManyEqual, s_tokens, s_frames, s_options with { LearnedInitialState = true }),
        ["encoder and decoder, tokens to tokens"] = Task(TaskShape.ManyToMany, s_tokens, s_tokens, s_small with { Layers = 2 }),
        ["encoder and decoder, frames to tokens"] = Task(TaskShape.ManyToMany, s_frames, s_tokens, s_small with { Cell = CellKind.Gru }),
        ["encoder and decoder, tokens to frames"] = Task(TaskShape.ManyToMany, s_tokens, s_frames, s_small with { Cell = CellKind.Rnn }),
        ["encoder and decoder, frames to frames, options"] = Task(TaskShape.ManyToMany, s_frames, s_frames, s_options with { LearnedInitialState = true }),
        ["encoder and decoder, tokens to tokens, options"] = Task(TaskShape.ManyToMany, s_tokens, s_tokens, s_options with { Cell = CellKind.Gru }),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>Examples of different lengths, some of whose targets are not known where they need not be.</summary>
    public static IReadOnlyList<SequenceExample> Examples(SequenceTask task, int count = 4, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            int length = task.ReadsOne ? 1 : 1 + 2 * i % 7;
            int written = task.WritesOne ? 1 : task.Generates ? 2 + 3 * i % 5 : length;
            bool gaps = !task.Generates && written > 1;
            return new SequenceExample(Sequence(task.Input, length, random, gaps: false, task.Input.Size), Sequence(task.Output, written, random, gaps, task.Output.Size, task.ChosenLoss));
        })];
    }

    private static SequenceTask Task(TaskShape shape, SequenceFormat input, SequenceFormat output, ArchitectureSettings architecture, TaskLoss? loss = null) =>
        new() { Shape = shape, Input = input, Output = output, Architecture = architecture, Loss = loss };

    private static SequenceData Sequence(SequenceFormat format, int length, Random random, bool gaps, int size, TaskLoss loss = TaskLoss.SquaredError)
    {
        if (format.Kind == StepKind.Tokens)
            return new TokenSequence([.. Enumerable.Range(0, length).Select(step => gaps && step % 3 == 1 ? -1 : random.Next(size))]);
        return new FrameSequence(
            [.. Enumerable.Range(0, length * size).Select(i => gaps && i % 4 == 1 ? float.NaN : loss == TaskLoss.BinaryCrossEntropy ? random.Next(2) : 20 + 3 * random.NextSingle())], size);
    }
}
