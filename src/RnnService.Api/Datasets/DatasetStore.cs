using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using RnnService.Api.Storage;
using SequenceModels.Data;

namespace RnnService.Api.Datasets;

/// <summary>
/// All datasets: built in, uploaded, or sent within a request. Contents are immutable files found by their hash; a name is a manifest beside one.
/// What is on disk is the truth, the database an index of it, so each change is made on disk first.
/// </summary>
public sealed class DatasetStore : IDisposable
{
    private readonly DataDirectory _data;
    private readonly DatasetFolders _folders;
    private readonly BuiltInDatasets _builtIn;
    private readonly IDbContextFactory<ServiceDbContext> _databases;
    private readonly IEnumerable<IDatasetUsage> _usages;
    private readonly TimeProvider _time;
    private readonly ScratchFiles _scratch;
    private readonly SemaphoreSlim _checks;
    private readonly SemaphoreSlim _changes = new(1, 1);
    private readonly Dictionary<string, int> _holds = [];

    /// <summary>Made once, by <see cref="DatasetsFeature"/>.</summary>
    internal DatasetStore(
        DataDirectory data,
        DatasetFolders folders,
        BuiltInDatasets builtIn,
        IDbContextFactory<ServiceDbContext> databases,
        IEnumerable<IDatasetUsage> usages,
        IOptions<DatasetUploadOptions> options,
        ScratchFiles scratch,
        TimeProvider time)
    {
        (_data, _folders, _builtIn, _databases, _usages, _scratch, _time) = (data, folders, builtIn, databases, usages, scratch, time);
        _checks = new SemaphoreSlim(options.Value.MaxConcurrentChecks);
    }

    /// <summary>The dataset of this name, or null.</summary>
    public async Task<Dataset?> FindOrNullAsync(string name, CancellationToken cancellationToken)
    {
        if (_builtIn.FindOrNull(name) is { } builtIn) return builtIn;
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        var row = await database.Set<DatasetRow>().AsNoTracking().FirstOrDefaultAsync(dataset => dataset.Name == name, cancellationToken);
        return row is null ? null : DatasetManifest.Read(row.ManifestJson);
    }

    /// <summary>The dataset of this name, not to be deleted until the hold is disposed; or null.</summary>
    public async Task<DatasetHold?> HoldOrNullAsync(string name, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            return await FindOrNullAsync(name, cancellationToken) is { } dataset ? Hold(dataset) : null;
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Up to <paramref name="count"/> datasets in the order of their names, from the first one behind <paramref name="afterName"/>.</summary>
    public async Task<IReadOnlyList<Dataset>> ListAsync(string? afterName, int count, CancellationToken cancellationToken)
    {
        var after = afterName ?? "";
        await using var database = await _databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Set<DatasetRow>().AsNoTracking()
            .Where(dataset => string.Compare(dataset.Name, after) > 0)
            .OrderBy(dataset => dataset.Name)
            .Take(count)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => DatasetManifest.Read(row.ManifestJson))
            .Concat(_builtIn.All.Where(dataset => string.CompareOrdinal(dataset.Name, after) > 0))
            .OrderBy(dataset => dataset.Name, StringComparer.Ordinal)
            .Take(count)];
    }

    /// <summary>Opens a content by its hash.</summary>
    /// <exception cref="IOException">There is no such content.</exception>
    public Stream OpenContent(string sha256) => _builtIn.OpenOrNull(sha256) ?? _folders.Open(sha256);

    /// <summary>Reads all examples of a content, found by its hash, into memory.</summary>
    /// <exception cref="InvalidDataException">The content on disk is not the one that was uploaded.</exception>
    /// <exception cref="IOException">There is no such content, or it cannot be read.</exception>
    public Task<TrainingData> ReadAsync(string sha256, DatasetOptions options, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var content = OpenContent(sha256);
            using var hash = SHA256.Create();
            using var hashed = new CryptoStream(content, hash, CryptoStreamMode.Read);
            var data = DatasetReader.Read(hashed, options, cancellationToken);
            hashed.CopyTo(Stream.Null);
            return Convert.ToHexStringLower(hash.Hash!) == sha256
                ? data
                : throw new InvalidDataException($"The content of the dataset is damaged: its SHA-256 is no longer {sha256}.");
        },
        cancellationToken);

    /// <summary>Keeps what came within a request as a dataset of its own, whose name follows from its content.</summary>
    /// <remarks>The name is never taken by other content; the status is Created, Same or Faulty.</remarks>
    public async Task<KeepOutcome> KeepInlineAsync(InlineContent content, CancellationToken cancellationToken)
    {
        if (content.Faults.Count > 0) return new KeepOutcome(KeepStatus.Faulty, null, [.. content.Faults.Take(DatasetLimits.ReportedFindings)], content.Faults.Count);
        var position = 0;
        using var staged = await StagedContent.ReceiveOrNullAsync(
            _data,
            (block, _) =>
            {
                var length = Math.Min(block.Length, content.Bytes.Length - position);
                content.Bytes.Slice(position, length).CopyTo(block);
                position += length;
                return ValueTask.FromResult(length);
            },
            long.MaxValue,
            cancellationToken) ?? throw new InvalidOperationException("A content without a limit was too large.");

        return await KeepAsync(InlineName(content.Format, staged.Sha256), new DatasetOptions(content.Format).WithDefaults(), staged, cancellationToken);
    }

    /// <summary>The name of a content that came within a request. 128 bits of the hash: no two contents will ever share a name.</summary>
    internal static string InlineName(DatasetFormat format, string sha256) => $"inline-{format.ToString().ToLowerInvariant()}-{sha256[..32]}";

    /// <summary>Checks a content that was received and gives it a name.</summary>
    internal async Task<KeepOutcome> KeepAsync(string name, DatasetOptions options, StagedContent staged, CancellationToken cancellationToken)
    {
        if (await TakenOrNullAsync(name, options, staged, cancellationToken) is { } taken) return taken;
        var inspection = await InspectAsync(staged, options, cancellationToken);
        if (inspection.FaultCount > 0) return new KeepOutcome(KeepStatus.Faulty, null, inspection.Faults, inspection.FaultCount);

        await _changes.WaitAsync(cancellationToken);
        try
        {
            // Another request may have taken the name during the check.
            if (await FindOrNullAsync(name, cancellationToken) is { } existing) return Compare(existing, options, staged);
            var dataset = new Dataset
            {
                Name = name,
                Options = options,
                Bytes = staged.Bytes,
                Sha256 = staged.Sha256,
                CreatedAt = _time.GetUtcNow(),
                Warnings = inspection.Warnings,
                WarningCount = inspection.WarningCount,
                Statistics = inspection.Statistics,
            };
            // From here on to the end: what is on disk must come into the index.
            await _folders.PublishAsync(dataset, staged);
            await using var database = await _databases.CreateDbContextAsync(CancellationToken.None);
            database.Add(ToRow(dataset));
            await database.SaveChangesAsync(CancellationToken.None);
            return new KeepOutcome(KeepStatus.Created, Hold(dataset), [], 0);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Deletes a dataset, unless somebody needs its content.</summary>
    public async Task<DeleteOutcome> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        if (_builtIn.FindOrNull(name) is not null) return new DeleteOutcome(DeleteStatus.BuiltIn);
        await _changes.WaitAsync(cancellationToken);
        try
        {
            if (await FindOrNullAsync(name, cancellationToken) is not { } dataset) return new DeleteOutcome(DeleteStatus.Unknown);
            if (await NeededByOrNullAsync(dataset.Sha256, cancellationToken) is { } needy) return new DeleteOutcome(DeleteStatus.Needed, needy);

            _folders.Delete(dataset.Sha256, name);
            await using var database = await _databases.CreateDbContextAsync(CancellationToken.None);
            await database.Set<DatasetRow>().Where(row => row.Name == name).ExecuteDeleteAsync(CancellationToken.None);
            return new DeleteOutcome(DeleteStatus.Deleted);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _changes.Dispose();
        _checks.Dispose();
    }

    internal static DatasetRow ToRow(Dataset dataset) => new() { Name = dataset.Name, Sha256 = dataset.Sha256, ManifestJson = DatasetManifest.Write(dataset) };

    private async Task<DatasetInspection> InspectAsync(StagedContent staged, DatasetOptions options, CancellationToken cancellationToken)
    {
        await _checks.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(
                () =>
                {
                    using var content = new FileStream(staged.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
                    return DatasetInspector.Inspect(content, options, () => _scratch.Open(staged.Folder), cancellationToken);
                },
                cancellationToken);
        }
        finally
        {
            _checks.Release();
        }
    }

    private async Task<KeepOutcome?> TakenOrNullAsync(string name, DatasetOptions options, StagedContent staged, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            return await FindOrNullAsync(name, cancellationToken) is { } existing ? Compare(existing, options, staged) : null;
        }
        finally
        {
            _changes.Release();
        }
    }

    private KeepOutcome Compare(Dataset existing, DatasetOptions options, StagedContent staged) =>
        existing.Sha256 == staged.Sha256 && existing.Options == options
            ? new KeepOutcome(KeepStatus.Same, Hold(existing), [], 0)
            : new KeepOutcome(KeepStatus.NameTaken, null, [], 0);

    private DatasetHold Hold(Dataset dataset)
    {
        lock (_holds)
        {
            _holds[dataset.Sha256] = _holds.GetValueOrDefault(dataset.Sha256) + 1;
        }

        return new DatasetHold(dataset, () =>
        {
            lock (_holds)
            {
                if (--_holds[dataset.Sha256] == 0) _holds.Remove(dataset.Sha256);
            }
        });
    }

    private async Task<string?> NeededByOrNullAsync(string sha256, CancellationToken cancellationToken)
    {
        lock (_holds)
        {
            if (_holds.ContainsKey(sha256)) return "a request that is being answered";
        }

        foreach (var usage in _usages)
        {
            if (await usage.NeededByOrNullAsync(sha256, cancellationToken) is { } needy) return needy;
        }

        return null;
    }
}
