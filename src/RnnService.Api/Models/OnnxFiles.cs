using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using RnnService.Api.Hosting;
using RnnService.Api.Inference;
using RnnService.Api.Storage;
using SequenceModels.Serialization.Onnx;

namespace RnnService.Api.Models;

/// <summary>A version as an ONNX file, deleted when nobody needs it any more.</summary>
/// <param name="Path">Where it lies for now.</param>
/// <param name="Sha256">Of its bytes, lower-case hexadecimal.</param>
/// <param name="CreatedAt">When the version was made that it is derived from.</param>
public sealed record OnnxFile(string Path, string Sha256, DateTimeOffset CreatedAt) : IDisposable
{
    public void Dispose() => File.Delete(Path);
}

/// <summary>The use of a file, or the problem to answer with.</summary>
public readonly record struct OnnxLease(LeaseCache<ModelKey, OnnxFile>.Lease? Lease, ProblemHttpResult? Problem);

/// <summary>
/// ONNX files of versions. They are derived from the weights, so no version holds one: each is made when it is asked for, on a turn of inference, and kept in the staging folder as long as there is room for it.
/// A slow download holds a file, neither a turn nor a loaded model.
/// </summary>
public sealed class OnnxFiles(InferenceEntry entry, DataDirectory data, TimeProvider time) : IDisposable
{
    /// <summary>The name under which the file is downloaded.</summary>
    public const string FileName = "model.onnx";

    private const int RetryAfterSeconds = 10;

    /// <summary>As many bytes as one file can have at most. Who finds no room is told so at once rather than to wait with a turn in hand.</summary>
    private readonly LeaseCache<ModelKey, OnnxFile> _cache = new(OnnxExport.LargestBytes, TimeSpan.Zero, time);

    /// <summary>The file of a version that the index has and that is not damaged.</summary>
    public async Task<OnnxLease> AcquireAsync(ModelKey key, CancellationToken cancellationToken)
    {
        if (_cache.LeaseHeldOrNull(key) is { } held)
            return new(held, null);
        var admission = await entry.EnterAsync(new ModelReference(key.Model, key.Version, null).ToString(), null, cancellationToken);
        if (admission.Turn is not { } turn)
            return new(null, admission.Problem);
        using (turn)
        {
            // Not cancelled: the model must stay leased until its file is written, for others may wait for that too.
            var hosted = turn.Hosted;
            var (status, lease) = await _cache.AcquireAsync(key, OnnxExport.SizeOf(hosted.Model), () => Task.FromResult<OnnxFile?>(Write(hosted)), CancellationToken.None);
            return status switch
            {
                LeaseStatus.Leased => new(lease, null),
                LeaseStatus.TooLarge => new(null, ServiceProblems.Conflict(
                    string.Create(CultureInfo.InvariantCulture, $"Version {key.Version} of model '{key.Model}' is too large for an ONNX file, which has at most {OnnxExport.LargestBytes} bytes."), "model-too-large")),
                LeaseStatus.Busy => new(null, ServiceProblems.Unavailable("All room for ONNX files is taken by downloads.", RetryAfterSeconds)),
                _ => throw new InvalidOperationException($"A lease of status {status} of a file that is always made."),
            };
        }
    }

    /// <summary>Drops the file of a version that was deleted; downloads that read it still end well.</summary>
    public void Forget(string model, int version) => _cache.Remove(new ModelKey(model, version));

    public void Dispose() => _cache.Dispose();

    private OnnxFile Write(HostedModel hosted)
    {
        string path = data.NewStagingPath("onnx");
        bool written = false;
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite);
            OnnxExport.Write(hosted.Model, file);
            file.Position = 0;
            var made = new OnnxFile(path, Convert.ToHexStringLower(SHA256.HashData(file)), hosted.CreatedAt);
            written = true;
            return made;
        }
        finally
        {
            if (!written)
                File.Delete(path);
        }
    }
}
