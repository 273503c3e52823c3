using System.ComponentModel.DataAnnotations;
using RnnService.Api.Hosting;
using SequenceModels.Tasks;

namespace RnnService.Api.Inference;

/// <summary>Texts to classify.</summary>
public sealed record ClassifyRequest : IRequestContract
{
    /// <summary>1 to 1000 texts, each of at most 1 MiB.</summary>
    [Length(1, InferenceLimits.Texts)]
    [MaxTextBytes(InferenceLimits.TextBytes)]
    public required IReadOnlyList<string> Texts { get; init; }

    /// <inheritdoc/>
    public void Validate(Problems problems) => InferenceLimits.RefuseEmptyTexts(Texts, problems);
}

/// <summary>A text to classify.</summary>
public sealed record ClassifyQuery : IRequestContract
{
    /// <summary>The text, of at most 1 MiB.</summary>
    [MinLength(1)]
    [MaxTextBytes(InferenceLimits.TextBytes)]
    public required string Text { get; init; }

    /// <inheritdoc/>
    public void Validate(Problems problems)
    {
    }
}

/// <summary>The classes found.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">The version that the reference led to.</param>
/// <param name="Results">One result a text, in the order of the texts.</param>
public sealed record ClassifyResponse(string Model, int Version, IReadOnlyList<ClassifyResult> Results);

/// <summary>The class of one text.</summary>
/// <param name="Label">The most probable label.</param>
/// <param name="Probability">Its probability.</param>
/// <param name="Probabilities">The probability of every label.</param>
/// <param name="Tokens">Tokens of the text that were read.</param>
/// <param name="UnknownTokens">Those of them that the model does not know.</param>
/// <param name="Truncated">Whether the text was longer than the model reads.</param>
public sealed record ClassifyResult(
    string Label, double Probability, IReadOnlyDictionary<string, double> Probabilities, int Tokens, int UnknownTokens, bool Truncated)
{
    internal static ClassifyResult Of(Classification found) =>
        new(found.Label, found.Probability, found.Probabilities, found.Tokens, found.UnknownTokens, found.Truncated);
}
