using System.Text.Json;

namespace SequenceModels.Serialization;

/// <summary>
/// Strings out of untrusted JSON. JSON may escape half a surrogate pair ("\ud800") and System.Text.Json finds that out only when the string is asked for,
/// by an exception that callers would take for a bug.
/// </summary>
internal static class JsonStrings
{
    /// <summary>The text of a string value, or <c>null</c> if it is not well-formed.</summary>
    public static string? ValueOrNull(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException) when (text.ValueKind == JsonValueKind.String)
        {
            return null;
        }
    }

    /// <summary>The name of a member, or <c>null</c> if it is not well-formed.</summary>
    public static string? NameOrNull(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
