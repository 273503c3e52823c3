using Microsoft.EntityFrameworkCore;
using RnnService.Api.TrainingJobs;
using SequenceModels.Tasks;

namespace RnnService.Api.Models;

/// <summary>How an import ended.</summary>
public enum ImportStatus
{
    Imported,

    /// <summary>The model has this version already.</summary>
    Present,

    /// <summary>The model does another task.</summary>
    OtherTask,
}

/// <summary>How an import ended, with the version, or the task that the model has.</summary>
public readonly record struct ImportOutcome(ImportStatus Status, ModelVersionRow? Version, TaskKind? Task = null);

/// <summary>Versions from elsewhere.</summary>
public sealed partial class ModelRegistry
{
    /// <summary>
    /// Publishes a staged version that was trained elsewhere, or here under another name. A version of the model whose manifest is the same, hashes of all files included, is that version already. The job that the
    /// manifest names plays no part: it may be one of this service that is still to publish.
    /// </summary>
    public async Task<ImportOutcome> ImportAsync(string model, StagedVersion staged, VersionImport import, Notes notes, CancellationToken cancellationToken)
    {
        using var turn = await gate.EnterAsync(cancellationToken);
        if (await TaskOfOrNullAsync(model, cancellationToken) is { } task && task != staged.Manifest.Task)
            return new(ImportStatus.OtherTask, null, task);
        if (await FindSameOrNullAsync(model, staged, cancellationToken) is { } present)
            return new(ImportStatus.Present, present);
        // From here on nobody is asked whether they still want it: half of it would be done for nothing.
        var row = await AddAsync(model, staged, notes, CancellationToken.None);
        logger.LogInformation("Imported {Model}:{Version} ({Bytes} bytes), which was {Original}:{Number}", model, row.Version, staged.Manifest.Bytes, import.Model, import.Version);
        return new(ImportStatus.Imported, row);
    }

    /// <summary>The task of a model's versions, or of the jobs that are to make its first one.</summary>
    private async Task<TaskKind?> TaskOfOrNullAsync(string model, CancellationToken cancellationToken)
    {
        if (await catalog.FindTaskOrNullAsync(model, cancellationToken) is { } task)
            return task;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await JobStatuses.TaskOfActiveOrNullAsync(database, model, cancellationToken);
    }

    private async Task<ModelVersionRow?> FindSameOrNullAsync(string model, StagedVersion staged, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var candidates = await database.Set<ModelVersionRow>().Include(row => row.Tags)
            .Where(row => row.Model == model && row.JobId == staged.Manifest.JobId && row.DamagedFile == null).OrderBy(row => row.Version).ToListAsync(cancellationToken);
        await catalog.RefreshAsync(database, candidates, cancellationToken);
        string? own = new VersionFolder(staged.Path).ReadManifest().ManifestSha256;
        return candidates.Find(row => row.DamagedFile is null && row.ManifestSha256 == own);
    }
}
