using SequenceModels.Tasks;

namespace SequenceModels.Shapes;

/// <summary>A task of one of the five shapes: what is read, what is written, and the network between (docs/shapes.md). All choices are made.</summary>
public sealed record SequenceTask
{
    /// <summary>Most values of a tensor: 2 GiB.</summary>
    private const long MostValuesOfTensor = 1L << 29;

    /// <summary>Steps in and out.</summary>
    public required TaskShape Shape { get; init; }

    /// <summary>What stands at a step of an input.</summary>
    public required SequenceFormat Input { get; init; }

    /// <summary>What stands at a step of a target.</summary>
    public required SequenceFormat Output { get; init; }

    /// <summary>What is minimised; <c>null</c>: <see cref="TaskLoss.CrossEntropy"/> for tokens, <see cref="TaskLoss.SquaredError"/> for frames.</summary>
    public TaskLoss? Loss { get; init; }

    /// <summary>
    /// The network. How text is cut into tokens, and tied embeddings, belong to other models. <see cref="TaskShape.OneToOne"/> has tanh layers of the hidden size, and of the options those of dropout;
    /// <see cref="TaskShape.ManyToOne"/> alone pools, by the mean unless told otherwise.
    /// </summary>
    public ArchitectureSettings Architecture { get; init; } = new();

    /// <summary><see cref="Loss"/>, chosen.</summary>
    internal TaskLoss ChosenLoss => Loss ?? (Output.Kind == StepKind.Tokens ? TaskLoss.CrossEntropy : TaskLoss.SquaredError);

    /// <summary>Whether a decoder writes the output step by step, reading what it wrote.</summary>
    internal bool Generates => Shape is TaskShape.OneToMany or TaskShape.ManyToMany;

    /// <summary>Whether inputs have a single step.</summary>
    internal bool ReadsOne => Shape is TaskShape.OneToOne or TaskShape.OneToMany;

    /// <summary>Whether outputs have a single step.</summary>
    internal bool WritesOne => Shape is TaskShape.OneToOne or TaskShape.ManyToOne;

    /// <summary>Outputs of the network: the end of a generated sequence of tokens is one more token.</summary>
    internal int Outputs => Output.Size + (Ends ? 1 : 0);

    /// <summary>Whether generated sequences end by a token, <see cref="SequenceFormat.Size"/> of the output, which also stands before their first.</summary>
    internal bool Ends => Generates && Output.Kind == StepKind.Tokens;

    /// <summary>Whether targets are numbers of any size, which are standardised.</summary>
    internal bool PredictsNumbers => ChosenLoss is TaskLoss.SquaredError or TaskLoss.SmoothL1;

    /// <summary>Checks that everything fits together.</summary>
    /// <returns>All problems at once, each a sentence; empty if the task is good.</returns>
    public IReadOnlyList<string> Validate()
    {
        var a = Architecture;
        (bool Wrong, string Problem)[] rules =
        [
            (!Enum.IsDefined(Shape), $"There is no shape {Shape}."),
            (!Enum.IsDefined(Input.Kind) || Input.Size is < 1 or > SequenceFormat.MaximumSize, $"The input's size is {Input.Size}; 1..{SequenceFormat.MaximumSize} is allowed."),
            (!Enum.IsDefined(Output.Kind) || Output.Size is < 1 or > SequenceFormat.MaximumSize, $"The output's size is {Output.Size}; 1..{SequenceFormat.MaximumSize} is allowed."),
            (Output.Kind == StepKind.Tokens != (ChosenLoss == TaskLoss.CrossEntropy), $"The loss {ChosenLoss} does not go with an output of {Output.Kind}."),
            (Output.Kind == StepKind.Tokens && !Generates && Output.Size < 2, "One of less than two labels is no choice."),
            (Generates && ChosenLoss == TaskLoss.BinaryCrossEntropy, "A sequence of yes and no cannot be generated: tokens and numbers can."),
            (!Enum.IsDefined(a.Cell), $"There is no cell {a.Cell}."),
            (a.Layers is < 1 or > 8, $"There are {a.Layers} layers; 1..8 are allowed."),
            (a.HiddenSize is < 1 or > 4096, $"The hidden size is {a.HiddenSize}; 1..4096 is allowed."),
            (a.EmbeddingSize is < 1 or > 4096, $"The embedding size is {a.EmbeddingSize}; 1..4096 is allowed."),
            (Rates(a).Any(rate => !(rate >= 0 && rate < 1)), "A rate of dropout or zoneout is not from 0 to below 1."),
            (!Enum.IsDefined(a.DropoutKind), $"There is no dropout {a.DropoutKind}."),
            (a.Pooling is { } pooling && !Enum.IsDefined(pooling), $"There is no pooling {a.Pooling}."),
            (a.TiedEmbeddings, "Tied embeddings are for language models."),
            (a.EmbeddingDropout > 0, "Dropping whole tokens is for models of text."),
            (a.Pooling is not null && Shape != TaskShape.ManyToOne, "Only many-to-one pools over time."),
            (a.Bidirectional && Shape is not (TaskShape.ManyToOne or TaskShape.ManyToManyEqual), "Two directions need a sequence that is whole when it is read, and an output that is not generated."),
            (a.LearnedInitialState && ReadsOne, "The states that a single step begins with are not learned apart from it."),
            (Shape == TaskShape.OneToOne && (a.WeightDropout > 0 || a.Zoneout > 0 || a.Residual || a.LayerNorm), "One-to-one has no recurrent layers: weight dropout, zoneout, residual connections and normalisation belong to them."),
        ];
        string[] problems = [.. rules.Where(rule => rule.Wrong).Select(rule => rule.Problem)];
        return problems.Length > 0 ? problems : TooLarge();
    }

    /// <summary>Tensors that are larger than any that is computed with, of sizes that are each in their range.</summary>
    private IReadOnlyList<string> TooLarge() =>
    [
        .. TaskWeights.Shapes(this).Where(tensor => tensor.Shape.Aggregate(1L, (product, dimension) => product * dimension) > MostValuesOfTensor)
            .Select(tensor => $"The tensor '{tensor.Name}' would have the sizes {string.Join(" x ", tensor.Shape)}; {MostValuesOfTensor} values are allowed."),
    ];

    private static double[] Rates(ArchitectureSettings a) =>
        [a.Dropout, a.InputDropout ?? 0, a.OutputDropout ?? 0, a.EmbeddingDropout, a.WeightDropout, a.Zoneout];
}
