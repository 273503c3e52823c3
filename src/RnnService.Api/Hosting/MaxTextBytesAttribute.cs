namespace RnnService.Api.Hosting;

/// <summary>The string, or each string of the array, takes at most this many bytes as UTF-8.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class MaxTextBytesAttribute(int bytes) : Attribute
{
    /// <summary>The most bytes allowed.</summary>
    public int Bytes { get; } = bytes;
}
