using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using SequenceModels.Serialization;

namespace SequenceModels.Training;

/// <summary>
/// A run as it stood between two updates, in a file (docs/file-formats.md): a run that goes on from it gives the same bits as one that was never interrupted, on any number of threads.
/// </summary>
public sealed class TrainingCheckpoint
{
    private const string Version = "2";
    private const string StateName = "state";
    private const string HashName = "sha256";
    private const int ChunkBytes = 1 << 16;
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = LibraryJson.Resolver,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
    };
    private readonly Stream _source;
    private readonly SafetensorsHeader _header;
    private readonly long _firstTensor;

    private TrainingCheckpoint(Stream source, SafetensorsHeader header, string fingerprint, RunState state)
    {
        (_source, _header, Fingerprint, State) = (source, header, fingerprint, state);
        _firstTensor = source.Position;
    }

    /// <summary>SHA-256 of the plan, the data and the seed of the run, lower-case hexadecimal.</summary>
    public string Fingerprint { get; }

    /// <summary>The epoch under way, from 1.</summary>
    public int Epoch => State.Epoch;

    /// <summary>Updates done.</summary>
    public long Step => State.Counts.Steps;

    /// <summary>Time that the run had taken.</summary>
    public TimeSpan Elapsed => TimeSpan.FromSeconds(State.Seconds);

    /// <summary>The numbers of the run.</summary>
    internal RunState State { get; }

    /// <summary>Opens a checkpoint, reading all of it to see whether it is whole.</summary>
    /// <param name="source">The file; can seek. Stays open, and must stay so until the run goes on.</param>
    /// <returns>The checkpoint.</returns>
    /// <exception cref="TrainingCheckpointException">The file is damaged or of another version.</exception>
    public static TrainingCheckpoint Read(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!IsWhole(source))
            throw new TrainingCheckpointException(CheckpointError.Damaged, "The checkpoint is cut off or altered: its content has another SHA-256 than it says.");
        try
        {
            source.Position = 0;
            var header = SafetensorsReader.ReadHeader(source);
            if (!header.Metadata.TryGetValue("trainingCheckpoint", out string? version) || !header.Metadata.TryGetValue("fingerprint", out string? fingerprint))
                throw new TrainingCheckpointException(CheckpointError.Damaged, "The file is no checkpoint of a training run.");
            if (version != Version)
                throw new TrainingCheckpointException(CheckpointError.OtherVersion, $"The checkpoint has version {version} of its format; only version {Version} is known.");
            var json = new byte[header.Tensors[0].Elements];
            source.ReadExactly(json);
            var state = JsonSerializer.Deserialize<RunState>(json, s_json) ?? throw new JsonException("The state is null.");
            if (state.Epoch < 1 || state.Batches < 0 || state.TotalBatches < state.Batches || state.Counts.Steps < 0 || state.Curve.Points.Count != state.Curve.Numbers.Count)
                throw new JsonException("Its counts are not those of a run.");
            return new TrainingCheckpoint(source, header, fingerprint, state);
        }
        catch (Exception fault) when (fault is SafetensorsException or JsonException)
        {
            throw new TrainingCheckpointException(CheckpointError.Damaged, $"The file is no checkpoint of a training run: {fault.Message}", fault);
        }
    }

    /// <summary>Writes a checkpoint, tensor after tensor from where they lie: nothing is copied.</summary>
    internal static void Write(RunState state, string fingerprint, IEnumerable<CheckpointTensor> tensors, Stream destination)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(state, s_json);
        using var hashing = new HashingStream(destination);
        SafetensorsWriter.Write(
            [
                SafetensorsBlock.OfBytes(StateName, json.Length, () => json),
                .. tensors.Select(tensor => new SafetensorsBlock(tensor.Name, SafetensorsType.F32, tensor.Shape, stream => SafetensorsBlock.WriteFloats(tensor.Values, stream))),
                SafetensorsBlock.OfBytes(HashName, SHA256.HashSizeInBytes, hashing.CurrentHash), // the last to be written: of all before it, the header included
            ],
            [("trainingCheckpoint", Version), ("fingerprint", fingerprint)],
            hashing);
    }

    /// <summary>Reads the tensors to where they belong.</summary>
    /// <param name="tensors">Those that were written, in that order.</param>
    /// <exception cref="TrainingCheckpointException">They are others.</exception>
    internal void ReadInto(IEnumerable<CheckpointTensor> tensors)
    {
        _source.Position = _firstTensor;
        var wanted = tensors.ToArray();
        var present = _header.Tensors.Skip(1).SkipLast(1).ToArray();
        if (!wanted.Select(Described).SequenceEqual(present.Select(tensor => (tensor.Name, string.Join(',', tensor.Shape)))) || present.Any(tensor => tensor.Type != SafetensorsType.F32))
            throw new TrainingCheckpointException(CheckpointError.OtherRun, "The checkpoint holds other tensors than the run.");
        foreach (var (into, from) in wanted.Zip(present))
            SafetensorsReader.ReadFloats(from, _source, into.Values);
    }

    private static (string Name, string Shape) Described(CheckpointTensor tensor) => (tensor.Name, string.Join(',', tensor.Shape));

    private static bool IsWhole(Stream source)
    {
        source.Position = 0;
        long left = source.Length - SHA256.HashSizeInBytes;
        if (left <= 0)
            return false;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            while (left > 0)
            {
                int read = source.Read(buffer, 0, (int)Math.Min(left, ChunkBytes));
                if (read == 0)
                    return false;
                hash.AppendData(buffer, 0, read);
                left -= read;
            }

            int told = source.ReadAtLeast(buffer.AsSpan(0, SHA256.HashSizeInBytes), SHA256.HashSizeInBytes, throwOnEndOfStream: false);
            return buffer.AsSpan(0, told).SequenceEqual(hash.GetCurrentHash());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
