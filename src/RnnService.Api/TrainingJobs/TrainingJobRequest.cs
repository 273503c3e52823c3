using System.ComponentModel.DataAnnotations;
using RnnService.Api.Hosting;
using SequenceModels.Tasks;

namespace RnnService.Api.TrainingJobs;

/// <summary>What to train. All that is left out, the service chooses from the data.</summary>
public sealed record TrainingJobRequest : IRequestContract
{
    /// <summary>The model that the result becomes a version of.</summary>
    [ResourceName]
    public required string Model { get; init; }

    /// <summary>What the model learns to do. A model name keeps its task.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>What to learn from: a dataset by name, or the data itself.</summary>
    public required DatasetMembers Dataset { get; init; }

    /// <summary>What to measure on; left out, the fraction 0.1 of the dataset.</summary>
    public ValidationMembers? Validation { get; init; }

    /// <summary>A language model, by its reference, whose embedding and recurrent layers a classifier starts from; its vocabulary is carried over. Classification only.</summary>
    public string? BaseModel { get; init; }

    /// <summary>A version, by its reference, that is trained on: with its architecture, vocabulary and labels, any task.</summary>
    public string? ContinueFrom { get; init; }

    /// <summary>The network, whole or in part.</summary>
    public ArchitectureMembers? Architecture { get; init; }

    /// <summary>The training, whole or in part.</summary>
    public TrainingMembers? Training { get; init; }

    /// <summary>Of the jobs that wait, those of the highest priority run first, in it the oldest; left out, 0.</summary>
    [Range(-100, 100)]
    public int? Priority { get; init; }

    /// <summary>Free words to find the job and its version by: at most 16.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>True: nothing is queued or kept; the answer, 200, tells what the job would be, why, and what it would take. Left out, false.</summary>
    public bool? DryRun { get; init; }

    /// <inheritdoc/>
    public void Validate(Problems problems)
    {
        Dataset.Validate(problems.At("dataset"));
        Validation?.Validate(problems.At("validation"));
        if (Task == TaskKind.LanguageModel)
        {
            Architecture?.RefuseForLanguageModels(problems.At("architecture"));
            Training?.RefuseForLanguageModels(problems.At("training"));
        }
        else
        {
            Architecture?.RefuseForClassification(problems.At("architecture"));
        }

        TransferRules.Validate(this, problems);
        Architecture?.RefuseWithoutMeaning(problems.At("architecture"));
        Training?.Validate(problems.At("training"));
        problems.Tags("tags", Tags);
    }
}

/// <summary>What to measure on: exactly one of the two.</summary>
public sealed record ValidationMembers
{
    /// <summary>The part of the dataset that is held back: its end for one long text, else drawn by the seed, label by label.</summary>
    [Range(0d, 0.5, MinimumIsExclusive = true)]
    public double? Fraction { get; init; }

    /// <summary>Data of its own.</summary>
    public DatasetMembers? Dataset { get; init; }

    internal void Validate(Problems problems)
    {
        problems.ExactlyOne("", ("fraction", Fraction is not null), ("dataset", Dataset is not null));
        Dataset?.Validate(problems.At("dataset"));
    }
}

/// <summary>The network.</summary>
public sealed record ArchitectureMembers
{
    /// <summary>The recurrent cell.</summary>
    public CellKind? Cell { get; init; }

    /// <summary>Stacked recurrent layers.</summary>
    [Range(1, 8)]
    public int? Layers { get; init; }

    /// <summary>Units of each layer and direction.</summary>
    [Range(1, 4096)]
    public int? HiddenSize { get; init; }

    /// <summary>Components of a token's embedding.</summary>
    [Range(1, 4096)]
    public int? EmbeddingSize { get; init; }

    /// <summary>Whether each layer also reads backwards; classification only.</summary>
    public bool? Bidirectional { get; init; }

    /// <summary>Probability of dropping a unit between layers while training.</summary>
    [Range(0d, 1d, MaximumIsExclusive = true)]
    public double? Dropout { get; init; }

    /// <summary>How long a mask of dropout, inputDropout and outputDropout lasts; left out, standard.</summary>
    public DropoutKind? DropoutKind { get; init; }

    /// <summary>Probability of dropping a component of an embedding; left out, that of dropout, but 0 where a table over the vocabulary is cheaper.</summary>
    [Range(0d, 1d, MaximumIsExclusive = true)]
    public double? InputDropout { get; init; }

    /// <summary>Probability of dropping a unit before the output layer; left out, that of dropout.</summary>
    [Range(0d, 1d, MaximumIsExclusive = true)]
    public double? OutputDropout { get; init; }

    /// <summary>Probability of dropping a token's whole embedding for an update; left out, by the size and kind of the data, 0 where dropout is given.</summary>
    [Range(0d, 1d, MaximumIsExclusive = true)]
    public double? EmbeddingDropout { get; init; }

    /// <summary>Probability of dropping a recurrent weight for an update; left out, by the size and kind of the data, 0 where dropout is given.</summary>
    [Range(0d, 1d, MaximumIsExclusive = true)]
    public double? WeightDropout { get; init; }

    /// <summary>Probability of a unit's keeping its old state at a step; left out, 0.</summary>
    [Range(0d, 1d, MaximumIsExclusive = true)]
    public double? Zoneout { get; init; }

    /// <summary>Whether each layer but the first adds its input to its output; left out, false.</summary>
    public bool? Residual { get; init; }

    /// <summary>Whether each layer's output is normalised; left out, false.</summary>
    public bool? LayerNorm { get; init; }

    /// <summary>Whether the output layer's weights are the embedding; language models only; left out, false.</summary>
    public bool? TiedEmbeddings { get; init; }

    /// <summary>Whether the states at the start of each text are learned; left out, they are 0.</summary>
    public bool? LearnedInitialState { get; init; }

    /// <summary>How text is cut into tokens.</summary>
    public TokenizerKind? Tokenizer { get; init; }

    /// <summary>Whether text is lower-cased before it is cut into tokens.</summary>
    public bool? LowerCase { get; init; }

    /// <summary>A token seen fewer times in the training data is unknown.</summary>
    [Range(1, 1000)]
    public int? MinimumCount { get; init; }

    /// <summary>How the outputs over time become one vector; classification only; left out, attention for words and max for characters.</summary>
    public PoolingKind? Pooling { get; init; }

    internal void RefuseForLanguageModels(Problems problems)
    {
        if (Bidirectional == true)
            problems.Add("bidirectional", "a language model reads forwards only; given true, only false is allowed");
        if (Pooling is not null)
            problems.Add("pooling", "is for classification; a language model does not pool and must leave it out");
    }

    internal void RefuseForClassification(Problems problems)
    {
        if (TiedEmbeddings == true)
            problems.Add("tiedEmbeddings", "is for language models, whose outputs are tokens; given true, only false is allowed for classification");
    }

    internal void RefuseWithoutMeaning(Problems problems)
    {
        if (Residual == true && Layers == 1)
            problems.Add("residual", "adds a layer's input from the second layer on; given true with 1 layer, at least 2 layers are needed");
    }
}
