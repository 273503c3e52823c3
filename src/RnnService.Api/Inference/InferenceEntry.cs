using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using RnnService.Api.Hosting;
using RnnService.Api.Models;
using SequenceModels.Tasks;

namespace RnnService.Api.Inference;

/// <summary>A request's turn to compute, with the model that it computes with.</summary>
public sealed class InferenceTurn(InferenceGate gate, IDisposable slot, HostedModel hosted, IDisposable lease) : IDisposable
{
    public HostedModel Hosted => hosted;

    public string Model => Hosted.Key.Model;

    public int Version => Hosted.Key.Version;

    /// <summary>Threads that help with large models, for the time of the turn; <c>null</c> where others need them.</summary>
    public InferenceTeam.Lease? LeaseTeamOrNull() => gate.LeaseTeamOrNull();

    public void Dispose()
    {
        lease.Dispose();
        slot.Dispose();
    }
}

/// <summary>A turn, or the problem to answer with.</summary>
public readonly record struct InferenceAdmission(InferenceTurn? Turn, ProblemHttpResult? Problem);

/// <summary>From a reference in a request to a loaded model and a turn to use it.</summary>
public sealed class InferenceEntry(ModelCatalog catalog, ModelHost host, JobSnapshots snapshots, InferenceGate gate)
{
    private const int RetryAfterSeconds = 1;

    /// <summary>Waits for a turn with the model that <paramref name="reference"/> leads to, which must have the task.</summary>
    public async Task<InferenceAdmission> EnterAsync(string reference, TaskKind? task, CancellationToken cancellationToken)
    {
        if (ModelReference.ParseOrNull(reference) is not { } parsed)
            return Refuse(ServiceProblems.BadRequest("ref", $"{ModelReference.Rule}; given {Problems.Quoted(reference)}"));
        var resolved = await catalog.ResolveAsync(parsed, cancellationToken);
        if (resolved.Version is null && parsed.JobOrNull is { } job)
        {
            if (snapshots.LeaseOrNull(job) is { } lease)
                return await EnterJobAsync(parsed.Name, job, lease, task, cancellationToken);
            // The job may have ended since: its version is there before its best so far goes.
            resolved = await catalog.ResolveAsync(parsed, cancellationToken);
            if (resolved.Version is null)
                return Refuse(ModelProblems.NoSnapshot(parsed.Name, job));
        }

        if (resolved.Version is not { } version)
            return Refuse(ModelProblems.NotFound(resolved));
        if (version is { DamagedFile: { } file, Damage: { } reason })
            return Refuse(ModelProblems.Damaged(version.Model, version.Version, new VersionDamage(file, reason)));
        if (task is not null && version.Task != task)
            return Refuse(WrongTask(version.Model, version.Version, version.Task));

        if (await gate.EnterOrNullAsync(cancellationToken) is not { } slot)
            return Refuse(ServiceProblems.Unavailable("Too many requests wait for their turn already.", RetryAfterSeconds));
        InferenceTurn? turn = null;
        try
        {
            var leased = await host.AcquireAsync(version.Model, version.Version, cancellationToken);
            if (leased.Lease is null)
                return Refuse(WhyNot(version, leased));
            turn = new InferenceTurn(gate, slot, leased.Lease.Value, leased.Lease);
            return new InferenceAdmission(turn, null);
        }
        finally
        {
            if (turn is null)
                slot.Dispose();
        }
    }

    /// <summary>Enters with the best so far of a job that is being trained. It is held while its turn is waited for: the job may end meanwhile.</summary>
    private async Task<InferenceAdmission> EnterJobAsync(string model, string job, JobSnapshots.Lease lease, TaskKind? task, CancellationToken cancellationToken)
    {
        InferenceTurn? turn = null;
        try
        {
            if (lease.Model.Key.Model != model)
                return Refuse(ModelProblems.NoSnapshot(model, job));
            if (task is not null && lease.Model.Model.Task != task)
                return Refuse(WrongTask(model, lease.Model.Key.Version, lease.Model.Model.Task));
            if (await gate.EnterOrNullAsync(cancellationToken) is not { } slot)
                return Refuse(ServiceProblems.Unavailable("Too many requests wait for their turn already.", RetryAfterSeconds));
            turn = new InferenceTurn(gate, slot, lease.Model, lease);
            return new InferenceAdmission(turn, null);
        }
        finally
        {
            if (turn is null)
                lease.Dispose();
        }
    }

    private static InferenceAdmission Refuse(ProblemHttpResult problem) => new(null, problem);

    private static ProblemHttpResult WrongTask(string model, int version, TaskKind? task) => ServiceProblems.Conflict(
        string.Create(CultureInfo.InvariantCulture, $"Version {version} of model '{model}' has the task {ModelProblems.TaskName(task)}, which cannot do this."),
        "wrong-task");

    private static ProblemHttpResult WhyNot(ModelVersionRow version, ModelLease lease) => lease.Status switch
    {
        LeaseStatus.Unavailable when lease.Damage is { } damage => ModelProblems.Damaged(version.Model, version.Version, damage),
        LeaseStatus.TooLarge => ServiceProblems.Conflict(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Version {version.Version} of model '{version.Model}' takes {lease.Bytes} bytes in memory, more than the {lease.LimitBytes} bytes that the setting Inference:CacheBytes allows for all models."),
            "model-too-large"),
        LeaseStatus.Busy => ServiceProblems.Unavailable("All memory for models is taken by models in use.", RetryAfterSeconds),
        _ => throw new InvalidOperationException($"A lease of status {lease.Status} without a lease."),
    };
}
