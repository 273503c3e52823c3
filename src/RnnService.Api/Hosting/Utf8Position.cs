using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace RnnService.Api.Hosting;

/// <summary>Finds where bytes stop being UTF-8.</summary>
internal static class Utf8Position
{
    /// <summary>The index of the first byte that starts no valid sequence; null where all is UTF-8.</summary>
    public static int? FirstInvalidOrNull(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes)) return null;
        var index = 0;
        while (Rune.DecodeFromUtf8(bytes[index..], out _, out var consumed) == OperationStatus.Done) index += consumed;
        return index;
    }
}
