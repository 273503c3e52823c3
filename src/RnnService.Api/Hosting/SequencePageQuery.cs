using System.Text.Json.Serialization;

namespace RnnService.Api.Hosting;

/// <summary>The query of a list ordered by a sequence number; lists with filters derive from it.</summary>
public record SequencePageQuery : PageQuery
{
    /// <summary>The number of the last item seen; null on the first page.</summary>
    [JsonIgnore]
    public long? AfterSequence => After is null ? null : Cursor.SequenceOrNull(After);

    /// <inheritdoc/>
    public override void Validate(Problems problems)
    {
        if (After is not null && AfterSequence is null) AddBadCursor(problems);
    }
}
