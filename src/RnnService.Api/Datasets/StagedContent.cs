using System.Buffers;
using System.Security.Cryptography;
using RnnService.Api.Storage;

namespace RnnService.Api.Datasets;

/// <summary>Content on its way in, in a folder of its own in staging, which is removed unless it was published.</summary>
internal sealed class StagedContent : IDisposable
{
    private const int BlockBytes = 128 * 1024;

    private StagedContent(string folder) => Folder = folder;

    public string Folder { get; }

    public string Path => System.IO.Path.Combine(Folder, DatasetFolders.ContentFile);

    public long Bytes { get; private set; }

    public string Sha256 { get; private set; } = "";

    /// <summary>Writes what <paramref name="read"/> gives, block by block, until it gives nothing; null where that is more than <paramref name="mostBytes"/>.</summary>
    public static async Task<StagedContent?> ReceiveOrNullAsync(
        DataDirectory data, Func<Memory<byte>, CancellationToken, ValueTask<int>> read, long mostBytes, CancellationToken cancellationToken)
    {
        var staged = new StagedContent(data.NewStagingFolder("dataset"));
        var fits = false;
        try
        {
            fits = await staged.WriteAsync(read, mostBytes, cancellationToken);
            return fits ? staged : null;
        }
        finally
        {
            if (!fits) staged.Dispose();
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    private async Task<bool> WriteAsync(Func<Memory<byte>, CancellationToken, ValueTask<int>> read, long mostBytes, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            await using var file = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
            while (await read(block, cancellationToken) is var length and > 0)
            {
                if (Bytes + length > mostBytes) return false;
                hash.AppendData(block, 0, length);
                await file.WriteAsync(block.AsMemory(0, length), cancellationToken);
                Bytes += length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        return true;
    }
}
