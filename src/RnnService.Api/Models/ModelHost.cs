using Microsoft.Extensions.Options;
using RnnService.Api.Inference;
using SequenceModels.Serialization;
using SequenceModels.Tasks;
using SequenceModels.Text;

namespace RnnService.Api.Models;

/// <summary>A version of a model, by number; 0 is the best so far of a job that is still being trained.</summary>
public readonly record struct ModelKey(string Model, int Version);

/// <summary>A model in memory.</summary>
/// <param name="Key">Which it is.</param>
/// <param name="Model">The model.</param>
/// <param name="SequenceLength">The sequence length that it was trained and is measured with.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="LabelShares">The share of each label in the training data of a conditional language model; null for others.</param>
public sealed record HostedModel(ModelKey Key, SequenceModel Model, int SequenceLength, DateTimeOffset CreatedAt, IReadOnlyList<double>? LabelShares = null) : IDisposable
{
    public void Dispose() => Model.Dispose();
}

/// <summary>A model lent out, or why there is none.</summary>
/// <param name="Status">How asking ended.</param>
/// <param name="Lease">The model, to be disposed after use; <c>null</c> unless leased.</param>
/// <param name="Damage">What is damaged, where that is why.</param>
/// <param name="Bytes">What the model takes in the cache.</param>
/// <param name="LimitBytes">What the cache holds at most.</param>
public readonly record struct ModelLease(LeaseStatus Status, LeaseCache<ModelKey, HostedModel>.Lease? Lease, VersionDamage? Damage, long Bytes, long LimitBytes);

/// <summary>Loads models into a bounded memory and lends them out. Every file's hash is verified when it is loaded.</summary>
public sealed class ModelHost(
    ModelFolders folders, ModelCatalog catalog, IOptions<InferenceOptions> options, TimeProvider time, ILogger<ModelHost> logger) : IDisposable
{
    /// <summary>Bytes that a model takes beside its parameters and vocabulary.</summary>
    private const long Overhead = 64 << 10;

    /// <summary>Bytes in memory for each byte of tokenizer.json: strings, a dictionary and a list.</summary>
    private const long TokenizerFactor = 8;

    private readonly LeaseCache<ModelKey, HostedModel> _cache = new(options.Value.CacheBytes, TimeSpan.FromSeconds(options.Value.CacheWaitSeconds), time);

    /// <summary>Leases a version that the index has.</summary>
    public async Task<ModelLease> AcquireAsync(string model, int version, CancellationToken cancellationToken)
    {
        var key = new ModelKey(model, version);
        if (_cache.LeaseHeldOrNull(key) is { } held)
            return new ModelLease(LeaseStatus.Leased, held, null, 0, _cache.LimitBytes);

        var folder = folders.Version(model, version);
        var inspection = folder.ReadManifest();
        if (inspection.Damage is not null || inspection.Manifest is not { } manifest)
            return await RefuseAsync(key, inspection.Damage ?? new VersionDamage(VersionFolder.ManifestFile, "cannot be read"), cancellationToken);

        long bytes = BytesOf(manifest);
        VersionDamage? damage = null;
        var (status, lease) = await _cache.AcquireAsync(
            key,
            bytes,
            async () =>
            {
                (var loaded, damage) = await LoadAsync(key, folder, manifest);
                return loaded;
            },
            cancellationToken);

        if (status == LeaseStatus.Unavailable)
        {
            // Another caller's load may have found the damage.
            damage ??= (await folder.VerifyAsync(cancellationToken)).Damage ?? new VersionDamage(VersionFolder.WeightsFile, "could not be loaded");
            return await RefuseAsync(key, damage, cancellationToken);
        }

        return new ModelLease(status, lease, null, bytes, _cache.LimitBytes);
    }

    /// <summary>Drops a version that was deleted; requests that use it still end well.</summary>
    public void Forget(string model, int version) => _cache.Remove(new ModelKey(model, version));

    public void Dispose() => _cache.Dispose();

    private static long BytesOf(VersionManifest manifest)
    {
        long network = SequenceModel.EstimateBytes(manifest.Task, manifest.Architecture, manifest.Tokenizer.VocabularySize, manifest.Labels.Count);
        return checked(network + TokenizerFactor * manifest.Files.First(file => file.Name == VersionFolder.TokenizerFile).Bytes + Overhead);
    }

    private async Task<ModelLease> RefuseAsync(ModelKey key, VersionDamage damage, CancellationToken cancellationToken)
    {
        await catalog.MarkDamagedAsync(key.Model, key.Version, damage, cancellationToken);
        return new ModelLease(LeaseStatus.Unavailable, null, damage, 0, _cache.LimitBytes);
    }

    private async Task<(HostedModel? Loaded, VersionDamage? Damage)> LoadAsync(ModelKey key, VersionFolder folder, VersionManifest manifest)
    {
        long start = time.GetTimestamp();
        foreach (var entry in manifest.Files)
        {
            await using var stream = folder.OpenRead(entry.Name);
            if (await VersionFolder.CheckHashOrNullAsync(entry, stream, CancellationToken.None) is { } damage)
                return (null, damage);
        }

        // Files with the right hash that do not fit the manifest were never written by a service of this format.
        ITokenizer tokenizer;
        try
        {
            await using var stream = folder.OpenRead(VersionFolder.TokenizerFile);
            tokenizer = Tokenizers.Load(stream);
        }
        catch (InvalidDataException error)
        {
            return (null, new VersionDamage(VersionFolder.TokenizerFile, $"cannot be read: {error.Message}"));
        }

        try
        {
            await using var weights = folder.OpenRead(VersionFolder.WeightsFile);
            var model = SequenceModel.Load(manifest.Task, manifest.Architecture, tokenizer, manifest.Labels, weights, manifest.Training.SequenceLength, options.Value.ResolvePrecision(), temperature: manifest.Temperature ?? 1);
            logger.LogInformation("Loaded {Model}:{Version} in {Milliseconds:F1} ms", key.Model, key.Version, time.GetElapsedTime(start).TotalMilliseconds);
            return (new HostedModel(key, model, manifest.Training.SequenceLength, manifest.CreatedAt, manifest.LabelShares), null);
        }
        catch (SafetensorsException error)
        {
            return (null, new VersionDamage(VersionFolder.WeightsFile, $"cannot be read: {error.Message}"));
        }
    }
}
