using Microsoft.EntityFrameworkCore;
using RnnService.Api.Storage;

namespace RnnService.Api.Models;

/// <summary>A version and what a list is ordered by.</summary>
internal sealed record FoundVersion(ModelVersionRow Row, double Value);

/// <summary>Finds versions of all models, page by page, in the database.</summary>
public sealed class VersionSearch(IDbContextFactory<ServiceDbContext> databases, ModelCatalog catalog)
{
    /// <summary>Versions that a filter lets through, in an order, after a place in it.</summary>
    internal async Task<IReadOnlyList<FoundVersion>> FindAsync(VersionFilter filter, VersionOrder order, VersionPlace? after, int take, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var versions = filter.Of(database);
        var page = order.By switch
        {
            null => ByNumber(versions, after),
            VersionOrder.CreatedAt => ByTime(versions, order.Descending, after),
            var metric => ByMetric(versions, metric, order.Descending, after),
        };
        var rows = await page.Take(take).Include(version => version.Tags).Include(version => version.Metrics.Where(metric => metric.Name == order.By)).ToListAsync(cancellationToken);
        // Before files are looked at: the next page goes on from what this one was ordered by.
        var found = rows.ConvertAll(row => new FoundVersion(row, ValueOf(row, order.By)));
        await catalog.RefreshAsync(database, rows, cancellationToken);
        return found;
    }

    private static double ValueOf(ModelVersionRow row, string? by) => by switch
    {
        null => 0,
        VersionOrder.CreatedAt => row.CreatedAt!.Value.ToUnixTimeMilliseconds(),
        _ => row.Metrics.Single(metric => metric.Name == by).Value,
    };

    private static IQueryable<ModelVersionRow> ByNumber(IQueryable<ModelVersionRow> versions, VersionPlace? after)
    {
        if (after is { Model: var model, Version: var number })
            versions = versions.Where(version => string.Compare(version.Model, model) > 0 || (version.Model == model && version.Version > number));
        return versions.OrderBy(version => version.Model).ThenBy(version => version.Version);
    }

    private static IQueryable<ModelVersionRow> ByTime(IQueryable<ModelVersionRow> versions, bool descending, VersionPlace? after)
    {
        versions = versions.Where(version => version.CreatedAt != null);
        if (after is { Value: var milliseconds, Model: var model, Version: var number })
        {
            var time = DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds);
            versions = descending
                ? versions.Where(version => version.CreatedAt < time || (version.CreatedAt == time && (string.Compare(version.Model, model) > 0 || (version.Model == model && version.Version > number))))
                : versions.Where(version => version.CreatedAt > time || (version.CreatedAt == time && (string.Compare(version.Model, model) > 0 || (version.Model == model && version.Version > number))));
        }

        return (descending ? versions.OrderByDescending(version => version.CreatedAt) : versions.OrderBy(version => version.CreatedAt)).ThenBy(version => version.Model).ThenBy(version => version.Version);
    }

    private static IQueryable<ModelVersionRow> ByMetric(IQueryable<ModelVersionRow> versions, string name, bool descending, VersionPlace? after)
    {
        var measured = versions.SelectMany(version => version.Metrics.Where(metric => metric.Name == name), (version, metric) => new { Row = version, metric.Value });
        if (after is { Value: var value, Model: var model, Version: var number })
        {
            measured = descending
                ? measured.Where(found => found.Value < value || (found.Value == value && (string.Compare(found.Row.Model, model) > 0 || (found.Row.Model == model && found.Row.Version > number))))
                : measured.Where(found => found.Value > value || (found.Value == value && (string.Compare(found.Row.Model, model) > 0 || (found.Row.Model == model && found.Row.Version > number))));
        }

        return (descending ? measured.OrderByDescending(found => found.Value) : measured.OrderBy(found => found.Value))
            .ThenBy(found => found.Row.Model).ThenBy(found => found.Row.Version).Select(found => found.Row);
    }
}
