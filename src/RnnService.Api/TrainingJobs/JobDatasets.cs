using System.Security.Cryptography;
using RnnService.Api.Datasets;
using SequenceModels.Data;
using SequenceModels.Tasks;

namespace RnnService.Api.TrainingJobs;

/// <summary>Why data of a request could not be had: members that name unknown datasets, or, where there are none, data within the request that has faults.</summary>
/// <param name="Unknown">The names that are unknown, by the members that have them.</param>
/// <param name="Faulty">The data with faults, by the members that have it.</param>
public sealed record DatasetRefusal(IReadOnlyDictionary<string, string> Unknown, IReadOnlyList<FaultyData> Faulty);

/// <summary>Data within a request that has faults.</summary>
/// <param name="Path">The member.</param>
/// <param name="Faults">The first of them.</param>
/// <param name="FaultCount">How many there are in all.</param>
public sealed record FaultyData(string Path, IReadOnlyList<DatasetFault> Faults, long FaultCount);

/// <summary>The datasets of one request, held so that nobody deletes them before the job is written down.</summary>
/// <param name="store">All datasets.</param>
/// <param name="keepsInline">Whether data that came with the request becomes a dataset; without, it is looked at and read as if it were one, and nothing is written.</param>
public sealed class JobDatasets(DatasetStore store, bool keepsInline = true) : IAsyncDisposable
{
    private readonly Dictionary<string, InlineContent> _inline = [];
    private readonly List<DatasetHold> _holds = [];
    private readonly List<string> _created = [];
    private readonly SortedDictionary<string, string> _unknown = new(StringComparer.Ordinal);
    private readonly List<FaultyData> _faulty = [];
    private bool _kept;

    /// <summary>Why datasets could not be had; <c>null</c> while all could.</summary>
    public DatasetRefusal? Refusal => _unknown.Count + _faulty.Count == 0 ? null : new DatasetRefusal(_unknown, _faulty);

    /// <summary>Finds a dataset by name, or keeps the data that was sent as a dataset of its own; <c>null</c> with a <see cref="Refusal"/>.</summary>
    public async Task<JobDataset?> AddOrNullAsync(string path, DatasetMembers members, CancellationToken cancellationToken)
    {
        if (members.Name is { } name)
        {
            if (await store.HoldOrNullAsync(name, cancellationToken) is not { } hold)
            {
                _unknown.Add($"{path}.name", name);
                return null;
            }

            return Add(hold);
        }

        if (!keepsInline)
            return await LookAtAsync(path, members.ToContent(), cancellationToken);
        var outcome = await store.KeepInlineAsync(members.ToContent(), cancellationToken);
        if (outcome.Hold is null)
        {
            _faulty.Add(new FaultyData(path, outcome.Faults, outcome.FaultCount));
            return null;
        }

        if (outcome.Status == KeepStatus.Created)
            _created.Add(outcome.Hold.Dataset.Name);
        return Add(outcome.Hold);
    }

    /// <summary>All examples of a dataset that was added.</summary>
    /// <exception cref="IOException">Its content is gone.</exception>
    public Task<TrainingData> ReadAsync(JobDataset dataset, CancellationToken cancellationToken) => _inline.TryGetValue(dataset.Sha256, out var content)
        ? Task.Run(() => DatasetReader.Read(Open(content), dataset.Options, cancellationToken), cancellationToken)
        : store.ReadAsync(dataset.Sha256, dataset.Options, cancellationToken);

    /// <summary>Where sequences of a dataset that was added start: the line of each of these, from 0; of data within the request, the number of the item.</summary>
    /// <exception cref="IOException">Its content is gone.</exception>
    public Task<IReadOnlyDictionary<long, long>> FindLinesAsync(JobDataset dataset, IReadOnlyCollection<long> sequences, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var content = _inline.TryGetValue(dataset.Sha256, out var inline) ? Open(inline) : store.OpenContent(dataset.Sha256);
            return DatasetReader.FindLines(content, dataset.Options, sequences, cancellationToken);
        },
        cancellationToken);

    /// <summary>The job is written down: data that came with the request stays.</summary>
    public void Keep() => _kept = true;

    /// <summary>Lets go of the datasets, and removes those that came with a request that was refused.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var hold in _holds)
            hold.Dispose();
        if (_kept)
            return;
        foreach (string name in _created)
            await store.DeleteAsync(name, CancellationToken.None);
    }

    /// <summary>Why a kind of data cannot serve a task; <c>null</c> when it can.</summary>
    public static string? WrongKindOrNull(TaskKind task, DatasetFormat format) => task == TaskKind.Classification && !IsLabelled(format)
        ? "classification learns from labelled examples (csv, tsv, jsonl, or examples in the request), and this dataset has no labels"
        : null;

    /// <summary>Whether each example of such a dataset carries a label. A language model reads it beside each token.</summary>
    public static bool IsLabelled(DatasetFormat format) => format is DatasetFormat.Csv or DatasetFormat.Tsv or DatasetFormat.Jsonl;

    /// <summary>What becomes of data that came with the request if it is kept, without keeping it.</summary>
    private async Task<JobDataset?> LookAtAsync(string path, InlineContent content, CancellationToken cancellationToken)
    {
        var options = new DatasetOptions(content.Format).WithDefaults();
        var (faults, count) = ((IReadOnlyList<DatasetFault>)[.. content.Faults.Take(DatasetLimits.ReportedFindings)], (long)content.Faults.Count);
        if (count == 0)
        {
            var inspection = await Task.Run(() => DatasetInspector.Inspect(Open(content), options, cancellationToken), cancellationToken);
            (faults, count) = (inspection.Faults, inspection.FaultCount);
        }

        if (count > 0)
        {
            _faulty.Add(new FaultyData(path, faults, count));
            return null;
        }

        string sha256 = Convert.ToHexStringLower(SHA256.HashData(content.Bytes.Span));
        _inline[sha256] = content;
        return new JobDataset(DatasetStore.InlineName(content.Format, sha256), sha256, options);
    }

    private static MemoryStream Open(InlineContent content) => new(content.Bytes.ToArray(), writable: false);

    private JobDataset Add(DatasetHold hold)
    {
        _holds.Add(hold);
        return new JobDataset(hold.Dataset.Name, hold.Dataset.Sha256, hold.Dataset.Options);
    }
}
