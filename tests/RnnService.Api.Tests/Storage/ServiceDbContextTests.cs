using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Storage;

namespace RnnService.Api.Tests.Storage;

public sealed class ServiceDbContextTests
{
    [Fact]
    public async Task The_database_is_migrated_at_start_and_the_migrations_match_the_entities()
    {
        await using var host = await ServiceHost.StartAsync();
        await using var database = await host.Services.GetRequiredService<IDbContextFactory<ServiceDbContext>>().CreateDbContextAsync();
        Assert.Empty(await database.Database.GetPendingMigrationsAsync());
        Assert.False(database.Database.HasPendingModelChanges(), "The entities have changed: regenerate the migration (docs/code-structure.md tells how).");
    }

    [Fact]
    public async Task The_database_keeps_its_promises_about_durability()
    {
        await using var host = await ServiceHost.StartAsync();
        await using var database = await host.Services.GetRequiredService<IDbContextFactory<ServiceDbContext>>().CreateDbContextAsync();
        Assert.Equal("wal", await PragmaAsync(database, "journal_mode"));
        Assert.Equal("1", await PragmaAsync(database, "foreign_keys"));
        // 2 = FULL: what was acknowledged outlives a power cut.
        Assert.Equal("2", await PragmaAsync(database, "synchronous"));
    }

    private static async Task<string?> PragmaAsync(ServiceDbContext database, string name)
    {
        await database.Database.OpenConnectionAsync();
        await using var command = database.Database.GetDbConnection().CreateCommand();
        command.CommandText = "PRAGMA " + name;
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    [Fact]
    public async Task A_migration_cut_short_by_a_kill_holds_up_no_later_start()
    {
        using var folder = new TemporaryFolder();
        // The mark that Entity Framework leaves while it migrates, as a process that is killed at that moment leaves it.
        await using (var database = new SqliteConnection($"Data Source={folder["service.db"]};Pooling=False"))
        {
            await database.OpenAsync();
            using var command = database.CreateCommand();
            command.CommandText = """
                CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY, "Timestamp" TEXT NOT NULL);
                INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01 00:00:00+00:00');
                """;
            await command.ExecuteNonQueryAsync();
        }

        await using var host = await ServiceHost.StartAsync(root: folder.Path);
        Assert.Empty((await host.GetAsync("/api/v1/models"))["items"]!.AsArray());
    }
}
