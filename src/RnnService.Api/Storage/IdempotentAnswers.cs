using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.Options;

namespace RnnService.Api.Storage;

/// <summary>The first answer to a request that carried an Idempotency-Key.</summary>
public sealed class IdempotentAnswerRow
{
    /// <summary>What was asked for: one key may be used once for each operation.</summary>
    public required string Operation { get; init; }

    public required string Key { get; init; }

    /// <summary>SHA-256 of all that the request said.</summary>
    public required string RequestSha256 { get; init; }

    /// <summary>The name or id of what was created.</summary>
    public required string Created { get; init; }

    /// <summary>The body of the answer, as it was sent.</summary>
    public required string Answer { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The table of answers.</summary>
public sealed class IdempotentAnswerRowConfiguration : IEntityTypeConfiguration<IdempotentAnswerRow>
{
    public void Configure(EntityTypeBuilder<IdempotentAnswerRow> builder)
    {
        builder.ToTable("IdempotentAnswers").HasKey(answer => new { answer.Operation, answer.Key });
        builder.HasIndex(answer => answer.CreatedAt);
    }
}

/// <summary>Remembers the answers to requests that create something and carry a key, so that a request sent again creates nothing again.</summary>
public sealed class IdempotentAnswers(IDbContextFactory<ServiceDbContext> databases, IOptions<StorageOptions> options, TimeProvider time)
{
    /// <summary>The header that carries the key.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>What the header does, for the OpenAPI document.</summary>
    public const string Description = "A key of the caller's own, 1 to 255 characters: the same request sent again with it gets the first answer again and creates nothing.";

    /// <summary>The most characters of a key.</summary>
    public const int LongestKey = 255;

    // One process owns the data folder, so turns within it are enough.
    private readonly KeyedTurns<(string Operation, string Key)> _turns = new();

    /// <summary>The first answer to a key of an operation; <c>null</c> when there is none, or none any more that is repeated.</summary>
    public async Task<IdempotentAnswerRow?> FindOrNullAsync(string operation, string key, CancellationToken cancellationToken)
    {
        var oldest = Oldest(time.GetUtcNow());
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Set<IdempotentAnswerRow>().AsNoTracking()
            .SingleOrDefaultAsync(answer => answer.Operation == operation && answer.Key == key && answer.CreatedAt >= oldest, cancellationToken);
    }

    /// <summary>Removes the answers that are not repeated any more, and adds one to what <paramref name="database"/> will save: what was created and the answer that names it are both there, or neither is.</summary>
    public async Task AddAsync(ServiceDbContext database, string operation, string key, string requestSha256, string created, string answer, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var oldest = Oldest(now);
        // At once and by the database itself: what another request removes at the same time is no conflict.
        await database.Set<IdempotentAnswerRow>().Where(old => old.CreatedAt < oldest).ExecuteDeleteAsync(cancellationToken);
        database.Add(new IdempotentAnswerRow { Operation = operation, Key = key, RequestSha256 = requestSha256, Created = created, Answer = answer, CreatedAt = now });
    }

    /// <summary>Waits for the turn to work on a request with this key, which lasts until the result is disposed: of several at once one does the work, and the others find its answer. Without a key nobody waits.</summary>
    public async Task<IDisposable?> EnterAsync(string operation, string? key, CancellationToken cancellationToken) =>
        key is null ? null : await _turns.EnterAsync((operation, key), cancellationToken);

    /// <summary>Keeps an answer where what it names is kept elsewhere already; in the turn of its key.</summary>
    public async Task KeepAsync(string operation, string key, string requestSha256, string created, string answer, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await AddAsync(database, operation, key, requestSha256, created, answer, cancellationToken);
        await database.SaveChangesAsync(cancellationToken);
    }

    private DateTimeOffset Oldest(DateTimeOffset now) => now.AddDays(-options.Value.IdempotencyDays);
}
