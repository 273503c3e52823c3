using RnnService.Api.Datasets;
using SequenceModels.Data;
using SequenceModels.Tasks;

namespace RnnService.Api.TrainingJobs;

/// <summary>Why data of a request could not be had.</summary>
/// <param name="UnknownPath">The member that names an unknown dataset.</param>
/// <param name="UnknownName">That name.</param>
/// <param name="Faults">The faults of data that came within the request.</param>
/// <param name="FaultCount">How many there are in all.</param>
public sealed record DatasetRefusal(string? UnknownPath, string? UnknownName, IReadOnlyList<DatasetFault> Faults, long FaultCount);

/// <summary>The datasets of one request, held so that nobody deletes them before the job is written down.</summary>
public sealed class JobDatasets(DatasetStore store) : IAsyncDisposable
{
    private readonly List<DatasetHold> _holds = [];
    private readonly List<string> _created = [];
    private bool _kept;

    /// <summary>Why a dataset could not be had; <c>null</c> while all could.</summary>
    public DatasetRefusal? Refusal { get; private set; }

    /// <summary>Finds a dataset by name, or keeps the data that was sent as a dataset of its own; <c>null</c> with a <see cref="Refusal"/>.</summary>
    public async Task<JobDataset?> AddOrNullAsync(string path, DatasetMembers members, CancellationToken cancellationToken)
    {
        if (members.Name is { } name)
        {
            if (await store.HoldOrNullAsync(name, cancellationToken) is not { } hold)
            {
                Refusal = new DatasetRefusal($"{path}.name", name, [], 0);
                return null;
            }

            return Add(hold);
        }

        var outcome = await store.KeepInlineAsync(members.ToContent(), cancellationToken);
        if (outcome.Hold is null)
        {
            Refusal = new DatasetRefusal(null, null, outcome.Faults, outcome.FaultCount);
            return null;
        }

        if (outcome.Status == KeepStatus.Created)
            _created.Add(outcome.Hold.Dataset.Name);
        return Add(outcome.Hold);
    }

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

    private JobDataset Add(DatasetHold hold)
    {
        _holds.Add(hold);
        return new JobDataset(hold.Dataset.Name, hold.Dataset.Sha256, hold.Dataset.Options);
    }
}
