using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace RnnService.Api.Storage;

/// <summary>Brings the database to the present schema.</summary>
internal sealed class DatabaseStartup(IDbContextFactory<ServiceDbContext> databases, DataDirectory data) : IStartupTask
{
    public StartupStage Stage => StartupStage.Database;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            // A process that is killed while it migrates leaves its mark behind, and the next one would wait for it forever. The lock of the data folder says that nobody else migrates.
            await database.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
            await database.Database.MigrateAsync(cancellationToken);
            // Write-ahead logging lets readers go on while a job reports; the mode is kept in the file.
            await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);
        }
        catch (SqliteException cause)
        {
            throw new StartupRefusedException($"The database {data.Database} cannot be used: {cause.Message}", cause);
        }
    }
}
