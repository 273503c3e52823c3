using RnnService.Api.Hosting;

namespace RnnService.Api.Inference;

/// <summary>What a request for inference may at most send.</summary>
internal static class InferenceLimits
{
    /// <summary>Bytes of one text as UTF-8.</summary>
    public const int TextBytes = 1 << 20;

    /// <summary>Texts of one request.</summary>
    public const int Texts = 1000;

    /// <summary>A prompt of full length, in which every character may be escaped.</summary>
    public static RequestLimits Sample { get; } = new() { MaxBodyBytes = 8 << 20 };

    /// <summary>Many texts, or a few of full length.</summary>
    public static RequestLimits Texts64MiB { get; } = new() { MaxBodyBytes = 64 << 20 };

    /// <summary>Data to measure on.</summary>
    public static RequestLimits Evaluate { get; } = new() { MaxBodyBytes = 64 << 20, MaxItems = 1_000_000 };
}
