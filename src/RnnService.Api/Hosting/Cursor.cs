using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace RnnService.Api.Hosting;

/// <summary>Opaque positions in lists: the key of the last item seen, dressed so that nobody builds one by hand.</summary>
public static class Cursor
{
    private const string Mark = "1:";

    /// <summary>The cursor behind the item of this key.</summary>
    public static string Of(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Mark + key));

    /// <summary>The cursor behind the item of this sequence number.</summary>
    public static string Of(long sequence) => Of(sequence.ToString(CultureInfo.InvariantCulture));

    /// <summary>The key that a cursor holds; null where the text is no cursor of this service.</summary>
    public static string? KeyOrNull(string cursor)
    {
        if (!Base64Url.IsValid(cursor)) return null;
        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        return text.StartsWith(Mark, StringComparison.Ordinal) ? text[Mark.Length..] : null;
    }

    /// <summary>The sequence number that a cursor holds; null where the text is no such cursor.</summary>
    public static long? SequenceOrNull(string cursor) =>
        KeyOrNull(cursor) is { } key && long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence : null;
}
