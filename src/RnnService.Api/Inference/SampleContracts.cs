using System.ComponentModel.DataAnnotations;
using RnnService.Api.Hosting;
using RnnService.Api.TrainingJobs;
using SequenceModels.Sampling;
using SequenceModels.Text;

namespace RnnService.Api.Inference;

/// <summary>How to draw text from a language model.</summary>
public sealed record SampleRequest : IRequestContract
{
    /// <summary>Tokens of a request of which each is told with its alternatives.</summary>
    private const int MostDetailedTokens = 100_000;

    /// <summary>The text to go on from; left out or empty, a new sequence begins.</summary>
    [MaxTextBytes(InferenceLimits.TextBytes)]
    public string? Prompt { get; init; }

    /// <summary>For a model that has learned with labels: the one to draw a text of. Left out, one is drawn for each sample, by the labels' shares of the training data.</summary>
    public string? Label { get; init; }

    /// <summary>Tokens of a sample at most; left out, 200.</summary>
    [Range(1, 100_000)]
    public int? MaxTokens { get; init; }

    /// <summary>Below 1 the likely becomes likelier, above 1 the unlikely does; 0 always takes the likeliest. Left out, 1.</summary>
    [Range(0d, 5d)]
    public double? Temperature { get; init; }

    /// <summary>Draws from so many of the likeliest tokens; left out, from all.</summary>
    [Range(1, 100_000)]
    public int? TopK { get; init; }

    /// <summary>Draws from the likeliest tokens that together have this probability; left out, from all.</summary>
    [Range(0d, 1d, MinimumIsExclusive = true)]
    public double? TopP { get; init; }

    /// <summary>Draws from tokens at least this many times as probable as the likeliest; left out, from all.</summary>
    [Range(0d, 1d)]
    public double? MinP { get; init; }

    /// <summary>Draws from the tokens nearest to the expected surprise that together have this probability; left out, from all.</summary>
    [Range(0d, 1d, MinimumIsExclusive = true)]
    public double? TypicalP { get; init; }

    /// <summary>Above 1, tokens that the text has already become less likely; left out, 1.</summary>
    [Range(0d, 10d, MinimumIsExclusive = true)]
    public double? RepetitionPenalty { get; init; }

    /// <summary>Texts that end a sample and are not part of it; at most 16 of 1 to 256 characters.</summary>
    [MaxLength(SamplingSettings.MaximumStops)]
    public IReadOnlyList<string>? Stop { get; init; }

    /// <summary>Samples drawn; left out, 1.</summary>
    [Range(1, 256)]
    public int? N { get; init; }

    /// <summary>Tells each drawn token with its log-probability and so many of the likeliest ones. Then `n` times `maxTokens` is at most 100,000. Left out, none of it is told.</summary>
    [Range(0, SamplingSettings.MaximumLogProbabilities)]
    public int? LogProbabilities { get; init; }

    /// <summary>The key of all draws: the same request with the same seed gives the same text. Left out, one is drawn and returned.</summary>
    [Range(0d, TrainingMembers.MaximumSeed)]
    public long? Seed { get; init; }

    /// <inheritdoc/>
    public void Validate(Problems problems)
    {
        for (int i = 0; i < (Stop?.Count ?? 0); i++)
        {
            int length = Stop![i].Length;
            if (length is 0 or > SamplingSettings.MaximumStopLength)
                problems.Add($"stop[{i}]", $"must have 1 to {SamplingSettings.MaximumStopLength} characters; given {length}");
        }

        long tokens = (long)(N ?? 1) * (MaxTokens ?? new SamplingSettings().MaxTokens);
        if (LogProbabilities is not null && tokens > MostDetailedTokens && !problems.IsUnreadable("n") && !problems.IsUnreadable("maxTokens"))
            problems.Add("logProbabilities", $"is for at most {MostDetailedTokens} tokens, n times maxTokens; given {tokens}");
    }

    internal SamplingSettings ToSettings(long seed)
    {
        var defaults = new SamplingSettings();
        return new SamplingSettings
        {
            MaxTokens = MaxTokens ?? defaults.MaxTokens,
            Temperature = Temperature ?? defaults.Temperature,
            TopK = TopK,
            TopP = TopP,
            MinP = MinP,
            TypicalP = TypicalP,
            RepetitionPenalty = RepetitionPenalty ?? defaults.RepetitionPenalty,
            Stop = Stop ?? [],
            Choices = N ?? 1,
            LogProbabilities = LogProbabilities,
            Seed = seed,
        };
    }
}

/// <summary>Samples and how they were drawn.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">The version that the reference led to.</param>
/// <param name="Seed">Sent again with the same request, it gives the same samples.</param>
/// <param name="Samples">By number of choice.</param>
/// <param name="Parameters">All settings, as applied.</param>
/// <param name="Usage">Tokens read and drawn.</param>
public sealed record SampleResponse(string Model, int Version, long Seed, IReadOnlyList<SampleText> Samples, SampleParameters Parameters, SampleUsage Usage);

/// <summary>One sample.</summary>
/// <param name="Text">What follows the prompt.</param>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="Tokens">Tokens drawn; an end mark counts, with empty text.</param>
/// <param name="LogProbability">The model's own, at temperature 1 and without filters: nats.</param>
/// <param name="TokenLogProbabilities">Each token drawn, those of a stop text included; null unless `logProbabilities` asks for it.</param>
public sealed record SampleText(string Text, FinishReason FinishReason, int Tokens, double LogProbability, IReadOnlyList<SampleTokenDetail>? TokenLogProbabilities)
{
    /// <summary>The label that it was drawn under, asked for or drawn; null for a model without labels.</summary>
    public string? Label { get; init; }

    internal static SampleText Of(GeneratedText text, Vocabulary vocabulary) => new(
        text.Text,
        text.FinishReason,
        text.Tokens,
        text.LogProbability,
        text.DrawnTokens is { } drawn ? [.. drawn.Select(token => SampleTokenDetail.Of(token, vocabulary))] : null);
}

/// <summary>A drawn token and the likeliest ones in its place, by the model itself.</summary>
/// <param name="Token">Its text; empty for the end mark.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
/// <param name="Top">The likeliest tokens, best first; `&lt;unknown&gt;`, which is never drawn, may be one of them.</param>
public sealed record SampleTokenDetail(string Token, double LogProbability, IReadOnlyList<SampleTokenProbability> Top)
{
    internal static SampleTokenDetail Of(DrawnToken drawn, Vocabulary vocabulary) => new(
        InferenceTokens.TextOf(vocabulary, drawn.Token),
        drawn.LogProbability,
        [.. drawn.Top.Select(token => new SampleTokenProbability(InferenceTokens.TextOf(vocabulary, token.Token), token.LogProbability))]);
}

/// <summary>A token that could have been drawn.</summary>
/// <param name="Token">Its text; empty for the end mark.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
public sealed record SampleTokenProbability(string Token, double LogProbability);

/// <summary>Settings of sampling as applied; null: not applied.</summary>
public sealed record SampleParameters(
    int MaxTokens, double Temperature, int? TopK, double? TopP, double? MinP, double? TypicalP, double RepetitionPenalty, IReadOnlyList<string> Stop, int N, int? LogProbabilities)
{
    internal static SampleParameters Of(SamplingSettings settings) => new(
        settings.MaxTokens, settings.Temperature, settings.TopK, settings.TopP, settings.MinP, settings.TypicalP, settings.RepetitionPenalty, settings.Stop, settings.Choices, settings.LogProbabilities);
}

/// <summary>Tokens of a request.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="GeneratedTokens">Tokens drawn, all samples together.</param>
public sealed record SampleUsage(int PromptTokens, int GeneratedTokens);

/// <summary>An event of a stream: what the next tokens of a sample add to its text.</summary>
/// <param name="Index">The sample, from 0.</param>
/// <param name="Text">Whole code points, never empty.</param>
public sealed record SampleToken(int Index, string Text);
