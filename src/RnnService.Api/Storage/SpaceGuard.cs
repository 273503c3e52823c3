using Microsoft.Extensions.Options;

namespace RnnService.Api.Storage;

/// <summary>Keeps long work from filling the disk: what is being written down already must not fail because a checkpoint took the last bytes.</summary>
public sealed class SpaceGuard(IDiskSpace disk, DataDirectory data, IOptions<StorageOptions> options)
{
    /// <summary>Why nothing long may go on, as a sentence; <c>null</c> while there is room.</summary>
    public string? ShortageOrNull()
    {
        long least = options.Value.MinFreeBytes;
        if (least == 0)
            return null;
        long free = disk.FreeBytes(data.Root);
        return free >= least ? null : $"The disk of the data folder has {free} bytes left; less than the {least} of Storage:MinFreeBytes.";
    }
}
