using System.Globalization;
using RnnService.Api.Storage;

namespace RnnService.Api.Models;

/// <summary>A parsed model reference: <c>name</c> (its latest version), <c>name:3</c> or <c>name@alias</c>.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Version">The version asked for by number; <c>null</c> when an alias is asked for.</param>
/// <param name="Alias">The alias asked for; <c>null</c> when a number is asked for.</param>
public readonly record struct ModelReference(string Name, int? Version, string? Alias)
{
    /// <summary>The alias that the service keeps: the highest version that exists.</summary>
    public const string Latest = "latest";

    /// <summary>Aliases that begin so belong to the service: <c>job-id</c> is what the job of that id published, or while it is trained its best so far.</summary>
    public const string ReservedPrefix = "job-";

    /// <summary>The rule in words, as the first half of a message.</summary>
    public const string Rule = "must be a model's name, name:version or name@alias, such as dinosaurs, dinosaurs:3 or dinosaurs@production";

    /// <summary>The id of the job that is asked for, as <c>name@job-id</c>; <c>null</c> when it is none.</summary>
    public string? JobOrNull => Alias is { } alias && alias.StartsWith(ReservedPrefix, StringComparison.Ordinal) ? alias[ReservedPrefix.Length..] : null;

    /// <summary>Reads a reference; <c>null</c> when it is malformed.</summary>
    public static ModelReference? ParseOrNull(string text)
    {
        int mark = text.AsSpan().IndexOfAny(':', '@');
        if (mark < 0)
            return ResourceName.IsValid(text) ? new ModelReference(text, null, Latest) : null;

        string name = text[..mark];
        string rest = text[(mark + 1)..];
        if (!ResourceName.IsValid(name))
            return null;
        if (text[mark] == '@')
            return ResourceName.IsValid(rest) ? new ModelReference(name, null, rest) : null;
        return ParseVersionOrNull(rest) is { } version ? new ModelReference(name, version, null) : null;
    }

    /// <summary>Reads a version number: decimal digits without sign, blank or leading zero; <c>null</c> when it is malformed.</summary>
    public static int? ParseVersionOrNull(string text) =>
        text.Length > 0 && text[0] != '0' && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int version) ? version : null;

    /// <inheritdoc/>
    public override string ToString() =>
        Version is { } version ? string.Create(CultureInfo.InvariantCulture, $"{Name}:{version}") : $"{Name}@{Alias}";
}
