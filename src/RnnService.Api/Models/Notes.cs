namespace RnnService.Api.Models;

/// <summary>What people say of a model or a version: facts that change, beside files that don't.</summary>
/// <param name="Description">In words; null: nothing.</param>
/// <param name="Tags">By key, in ordinal order.</param>
public sealed record Notes(string? Description, IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>The most tags.</summary>
    public const int MostTags = 16;

    /// <summary>The most characters of a key.</summary>
    public const int LongestKey = 64;

    /// <summary>The most characters of a description.</summary>
    public const int LongestDescription = 4096;

    internal static Notes Of(ModelRow? model) => new(model?.Description, Sorted(model?.Tags.Select(tag => (tag.Key, tag.Value)) ?? []));

    /// <summary>Those of a version whose tags are loaded.</summary>
    internal static Notes Of(ModelVersionRow version) => Of(version.Description, version.Tags);

    internal static Notes Of(string? description, IEnumerable<VersionTagRow> tags) => new(description, Sorted(tags.Select(tag => (tag.Key, tag.Value))));

    private static OrderedDictionary<string, string> Sorted(IEnumerable<(string Key, string Value)> tags) =>
        new(tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => KeyValuePair.Create(tag.Key, tag.Value)));
}
