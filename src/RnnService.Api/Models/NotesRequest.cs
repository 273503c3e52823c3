using System.ComponentModel.DataAnnotations;
using RnnService.Api.Hosting;

namespace RnnService.Api.Models;

/// <summary>Changes of a description and of tags. What is left out stays as it is.</summary>
public sealed record NotesRequest : IRequestContract
{
    /// <summary>The new description; empty: there is none any more.</summary>
    [MaxLength(Notes.LongestDescription)]
    public string? Description { get; init; }

    /// <summary>Tags to set, new ones and such with a new value: at most 16 in all, keys of 1 to 64 and values of at most 512 characters.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Keys of tags to remove; one that is not there is no mistake.</summary>
    [MaxLength(Notes.MostTags)]
    public IReadOnlyList<string>? RemoveTags { get; init; }

    /// <inheritdoc/>
    public void Validate(Problems problems)
    {
        problems.Tags("tags", Tags);
        for (int i = 0; i < (RemoveTags?.Count ?? 0); i++)
        {
            string key = RemoveTags![i];
            if (Problems.Scalars(key) is var length and (0 or > Notes.LongestKey))
                problems.Add($"removeTags[{i}]", $"must have 1 to {Notes.LongestKey} characters; given {length}");
            else if (Tags?.ContainsKey(key) == true)
                problems.Add($"removeTags[{i}]", $"must not be set in tags as well; given {Problems.Quoted(key)}");
        }

        if (Description is null && Tags is null && RemoveTags is null && !problems.Any)
            problems.Add("", "must have at least one of description, tags, removeTags; given none");
    }
}
