using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Storage;

namespace RnnService.Api.Tests.Storage;

/// <summary>A database of which some commands fail for a while, as on a full disk.</summary>
internal sealed class FaultyDatabase : DbCommandInterceptor
{
    private const int DiskFull = 13; // SQLITE_FULL

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _left = new(StringComparer.Ordinal);

    /// <summary>Faults that have not happened yet.</summary>
    public int Left
    {
        get
        {
            lock (_gate)
                return _left.Values.Sum();
        }
    }

    /// <summary>Has the service use it.</summary>
    public void AddTo(IServiceCollection services) => services.ConfigureDbContext<ServiceDbContext>(options => options.AddInterceptors(this));

    /// <summary>Lets the next commands with a piece of SQL fail.</summary>
    public void Fail(string sql, int times)
    {
        lock (_gate)
            _left[sql] = times;
    }

    /// <inheritdoc/>
    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Meet(command);
        return base.NonQueryExecutingAsync(command, eventData, result, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Meet(command);
        return base.ReaderExecutingAsync(command, eventData, result, cancellationToken);
    }

    private void Meet(DbCommand command)
    {
        lock (_gate)
        {
            if (_left.Keys.FirstOrDefault(sql => _left[sql] > 0 && command.CommandText.Contains(sql, StringComparison.Ordinal)) is not { } met)
                return;
            _left[met]--;
        }

        throw new SqliteException("database or disk is full", DiskFull);
    }
}
