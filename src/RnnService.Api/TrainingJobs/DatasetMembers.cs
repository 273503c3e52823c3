using System.ComponentModel.DataAnnotations;
using RnnService.Api.Datasets;
using RnnService.Api.Hosting;
using SequenceModels.Data;

namespace RnnService.Api.TrainingJobs;

/// <summary>Data: exactly one of a dataset's name, one long text, lines, or labelled examples.</summary>
public sealed record DatasetMembers
{
    /// <summary>A dataset that was uploaded or is built in.</summary>
    [ResourceName]
    public string? Name { get; init; }

    /// <summary>One long text.</summary>
    [MinLength(1)]
    public string? Text { get; init; }

    /// <summary>Sequences of their own.</summary>
    [MinLength(1)]
    public IReadOnlyList<string>? Lines { get; init; }

    /// <summary>Labelled sequences.</summary>
    [MinLength(1)]
    public IReadOnlyList<ExampleMembers>? Examples { get; init; }

    internal void Validate(Problems problems) =>
        problems.ExactlyOne("", ("name", Name is not null), ("text", Text is not null), ("lines", Lines is not null), ("examples", Examples is not null));

    /// <summary>The data itself; not for data by name.</summary>
    internal InlineContent ToContent() =>
        Text is not null ? InlineContent.OfText(Text)
        : Lines is not null ? InlineContent.OfLines(Lines)
        : InlineContent.OfExamples((Examples ?? throw new InvalidOperationException("The data is given by name.")).Select(example => new LabelledText(example.Text, example.Label)));
}

/// <summary>A sequence and its label.</summary>
public sealed record ExampleMembers
{
    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>Its label.</summary>
    public required string Label { get; init; }
}
