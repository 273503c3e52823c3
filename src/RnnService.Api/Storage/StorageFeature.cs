using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace RnnService.Api.Storage;

/// <summary>The data folder and the database.</summary>
public static class StorageFeature
{
    /// <summary>Adds the data folder, the database and their start-up work.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IFileOperations, FileOperations>();
        services.AddSingleton<AtomicFiles>();
        services.AddSingleton<DataDirectory>();
        services.AddSingleton<IdempotentAnswers>();
        services.AddSingleton<IDiskSpace, DiskSpace>();
        services.AddSingleton<SpaceGuard>();
        services.AddDbContextFactory<ServiceDbContext>((provider, options) => options
            // What is read together is short: 16 tags, a few metrics.
            .UseSqlite(
                ConnectionString(provider.GetRequiredService<DataDirectory>(), provider.GetRequiredService<IOptions<StorageOptions>>().Value), sqlite => sqlite.UseQuerySplittingBehavior(QuerySplittingBehavior.SingleQuery))
            // One start, one migration: the lock of the data folder is what keeps others out.
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.NonTransactionalMigrationOperationWarning)));
        return services.AddStartupTask<DatabaseStartup>().AddStartupTask<StagingSweep>();
    }

    /// <summary>Adds work that must be done before the service is ready.</summary>
    public static IServiceCollection AddStartupTask<T>(this IServiceCollection services)
        where T : class, IStartupTask => services.AddSingleton<IStartupTask, T>();

    private static string ConnectionString(DataDirectory data, StorageOptions options) => new SqliteConnectionStringBuilder
    {
        DataSource = data.Database,
        ForeignKeys = true,
        DefaultTimeout = options.BusyTimeoutSeconds,
    }.ToString();
}
