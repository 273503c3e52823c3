using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace RnnService.Api.Hosting;

/// <summary>The query of a list ordered by name; lists with filters derive from it.</summary>
public record PageQuery : IRequestContract
{
    /// <summary>Items of a page where the caller names no number.</summary>
    public const int DefaultLimit = 50;

    /// <summary>The most items of the page, 50 if left out.</summary>
    [Range(1, 200)]
    public int? Limit { get; init; }

    /// <summary>The `next` of the page before.</summary>
    public string? After { get; init; }

    /// <summary>The number of items asked for.</summary>
    [JsonIgnore]
    public int Size => Limit ?? DefaultLimit;

    /// <summary>The key of the last item seen; null on the first page.</summary>
    [JsonIgnore]
    public string? AfterKey => After is null ? null : Cursor.KeyOrNull(After);

    /// <inheritdoc/>
    public virtual void Validate(Problems problems)
    {
        if (After is not null && AfterKey is null) AddBadCursor(problems);
    }

    private protected void AddBadCursor(Problems problems) =>
        problems.Add("after", $"must be the \"next\" of an earlier page of this list; given {Problems.Quoted(After ?? "")}");
}
