using System.Buffers;
using System.Text;

namespace SequenceModels.Sampling;

/// <summary>How text is drawn from a language model. Applied in this order: penalties, temperature, top-k, top-p, min-p, typical-p.</summary>
public sealed record SamplingSettings
{
    /// <summary>Most stop strings.</summary>
    public const int MaximumStops = 16;

    /// <summary>Most characters of a stop string.</summary>
    public const int MaximumStopLength = 256;

    /// <summary>Most alternatives told of a token.</summary>
    public const int MaximumLogProbabilities = 20;

    /// <summary>Largest seed: 2^53-1, which every JSON reader holds exactly.</summary>
    public const long MaximumSeed = (1L << 53) - 1;

    /// <summary>What logits are divided by, 0..5. At 0 the most probable token is always taken (of equals, the lowest) and the filters change nothing.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Keep only the k most probable tokens and those equal to the k-th, 1..100,000; <c>null</c>: all.</summary>
    public int? TopK { get; init; }

    /// <summary>Keep a token only if the more probable ones have less than this probability together, above 0 to 1; <c>null</c>: all (Holtzman et al. 2020).</summary>
    public double? TopP { get; init; }

    /// <summary>Keep only tokens at least this many times as probable as the most probable one, 0..1; <c>null</c>: all (Nguyen et al. 2024).</summary>
    public double? MinP { get; init; }

    /// <summary>Keep a token only if those nearer to the expected surprise have less than this probability together, above 0 to 1; <c>null</c>: all (Meister et al. 2023).</summary>
    public double? TypicalP { get; init; }

    /// <summary>What the positive logits of tokens already in the text are divided by, and negative ones multiplied by, above 0 to 10; 1: nothing (Keskar et al. 2019).</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>What a token's logit loses each time that it stands in the text already, -2..2.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>What a token's logit loses once if it stands in the text already, -2..2.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>Texts that end a sample; they are not part of it. At most 16, each of 1 to 256 characters.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Most tokens generated a sample, 1..100,000.</summary>
    public int MaxTokens { get; init; } = 200;

    /// <summary>Samples drawn, 1..256.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Tells each token with its log-probability and so many of the most probable ones, 0..20; <c>null</c>: none of it. Changes nothing that is drawn.</summary>
    public int? LogProbabilities { get; init; }

    /// <summary>Key of the random draws, 0..2^53-1.</summary>
    public long Seed { get; init; }

    /// <summary>Checks every range.</summary>
    /// <returns>All problems at once; empty if the settings are good.</returns>
    public IReadOnlyList<SettingProblem> Validate()
    {
        var problems = new List<SettingProblem>();
        Range("temperature", Temperature, 0, 5);
        Range("topK", TopK, 1, 100_000);
        AboveZero("topP", TopP, 1);
        Range("minP", MinP, 0, 1);
        AboveZero("typicalP", TypicalP, 1);
        AboveZero("repetitionPenalty", RepetitionPenalty, 10);
        Range("frequencyPenalty", FrequencyPenalty, -2, 2);
        Range("presencePenalty", PresencePenalty, -2, 2);
        Range("maxTokens", MaxTokens, 1, 100_000);
        Range("choices", Choices, 1, 256);
        Range("logProbabilities", LogProbabilities, 0, MaximumLogProbabilities);
        Range("seed", Seed, 0, MaximumSeed);
        if (Stop.Count > MaximumStops)
            problems.Add(new("stop", $"holds {Stop.Count} texts; at most {MaximumStops} are allowed."));
        for (int i = 0; i < Stop.Count; i++)
        {
            if (Stop[i].Length is 0 or > MaximumStopLength)
                problems.Add(new($"stop[{i}]", $"has {Stop[i].Length} characters; 1..{MaximumStopLength} are allowed."));
            else if (!IsWellFormed(Stop[i]))
                problems.Add(new($"stop[{i}]", "holds half of a surrogate pair; it must be well-formed Unicode."));
        }

        return problems;

        // Written so that NaN is out of every range.
        void Range(string name, double? value, double minimum, double maximum)
        {
            if (value is { } number && !(number >= minimum && number <= maximum))
                problems.Add(new(name, FormattableString.Invariant($"is {number}; {minimum}..{maximum} is allowed.")));
        }

        void AboveZero(string name, double? value, double maximum)
        {
            if (value is { } number && !(number > 0 && number <= maximum))
                problems.Add(new(name, FormattableString.Invariant($"is {number}; above 0 to {maximum} is allowed.")));
        }
    }

    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out _, out int length) != OperationStatus.Done)
                return false;
            i += length;
        }

        return true;
    }
}

/// <summary>A setting that is out of its range.</summary>
/// <param name="Name">The setting, as in the HTTP contract.</param>
/// <param name="Message">Its value and what is allowed, as the rest of a sentence that begins with the name.</param>
public sealed record SettingProblem(string Name, string Message);
