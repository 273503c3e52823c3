using RnnService.Api.Hosting;

namespace RnnService.Api.Inference;

/// <summary>What a request for inference may at most send.</summary>
internal static class InferenceLimits
{
    /// <summary>Bytes of one text as UTF-8.</summary>
    public const int TextBytes = 1 << 20;

    /// <summary>Texts of one request.</summary>
    public const int Texts = 1000;

    /// <summary>Readings of one request that scores texts under every label: texts times labels.</summary>
    public const int ScoredPairs = 100_000;

    /// <summary>A prompt of full length, in which every character may be escaped.</summary>
    public static RequestLimits Sample { get; } = new() { MaxBodyBytes = 8 << 20 };

    /// <summary>Many texts, or a few of full length.</summary>
    public static RequestLimits Texts64MiB { get; } = new() { MaxBodyBytes = 64 << 20 };

    /// <summary>Texts of which every token is answered.</summary>
    public static RequestLimits Score { get; } = new() { MaxBodyBytes = 4 << 20 };

    /// <summary>Data to measure on.</summary>
    public static RequestLimits Evaluate { get; } = new() { MaxBodyBytes = 64 << 20, MaxItems = 1_000_000 };

    /// <summary>Each text must hold something.</summary>
    public static void RefuseEmptyTexts(IReadOnlyList<string> texts, Problems problems)
    {
        for (int i = 0; i < texts.Count; i++)
        {
            if (texts[i].Length == 0)
                problems.Add($"texts[{i}]", "must have at least 1 character; given an empty text");
        }
    }
}
