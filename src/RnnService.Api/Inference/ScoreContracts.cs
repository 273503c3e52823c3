using System.ComponentModel.DataAnnotations;
using RnnService.Api.Hosting;
using SequenceModels.Sampling;
using SequenceModels.Text;

namespace RnnService.Api.Inference;

/// <summary>Texts to score.</summary>
public sealed record ScoreRequest : IRequestContract
{
    /// <summary>1 to 1000 texts, each of at most 1 MiB. For a model of lines each is one line.</summary>
    [Length(1, InferenceLimits.Texts)]
    [MaxTextBytes(InferenceLimits.TextBytes)]
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>For a model that has learned with labels: the one to read the texts under. Left out, each text is read under every label; then texts times labels are at most 100,000.</summary>
    public string? Label { get; init; }

    /// <inheritdoc/>
    public void Validate(Problems problems) => InferenceLimits.RefuseEmptyTexts(Texts, problems);
}

/// <summary>How probable texts are.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">The version that the reference led to.</param>
/// <param name="Results">One result a text, in the order of the texts.</param>
public sealed record ScoreResponse(string Model, int Version, IReadOnlyList<ScoreResult> Results);

/// <summary>How probable one text is.</summary>
/// <param name="Tokens">Its tokens; for a model of lines the end mark counts.</param>
/// <param name="UnknownTokens">Those of them that the model does not know.</param>
/// <param name="LogProbability">Natural logarithm of the text's probability: the sum over its tokens.</param>
/// <param name="Perplexity">e to the power of the mean loss a token; null for a text without tokens.</param>
/// <param name="TokenScores">Each token in reading order.</param>
public sealed record ScoreResult(int Tokens, int UnknownTokens, double LogProbability, double? Perplexity, IReadOnlyList<ScoreToken> TokenScores)
{
    /// <summary>The label that all of this is under: the one asked for, else the most probable one; null for a model without labels.</summary>
    public string? Label { get; init; }

    /// <summary>The text under each label; null for a model without labels, or where one was asked for.</summary>
    public IReadOnlyList<ScoreLabel>? Labels { get; init; }

    internal static ScoreResult Of(ScoredText scored, Vocabulary vocabulary) => new(
        scored.Tokens.Count,
        scored.Tokens.Count(token => token.Token == Vocabulary.Unknown),
        scored.LogProbability,
        scored.Perplexity,
        [.. scored.Tokens.Select(token => new ScoreToken(InferenceTokens.TextOf(vocabulary, token.Token), token.LogProbability, token.Rank, token.Entropy))]);
}

/// <summary>How probable a text is under a label, and the label given the text.</summary>
/// <param name="Label">The label.</param>
/// <param name="LogProbability">Natural logarithm of the text's probability under it.</param>
/// <param name="Posterior">The label's probability given the text, by Bayes' rule with the labels' shares of the training data.</param>
public sealed record ScoreLabel(string Label, double LogProbability, double Posterior);

/// <summary>How probable one token is, given those before it.</summary>
/// <param name="Token">Its text; empty for the end mark, `&lt;unknown&gt;` for what the model does not know.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
/// <param name="Rank">1 and the number of tokens that were more probable.</param>
/// <param name="Entropy">Of the distribution at this place, in nats: the surprise that was to be expected.</param>
public sealed record ScoreToken(string Token, double LogProbability, int Rank, double Entropy);
