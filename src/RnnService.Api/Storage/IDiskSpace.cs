namespace RnnService.Api.Storage;

/// <summary>Tells how much room a disk has.</summary>
public interface IDiskSpace
{
    /// <summary>Bytes that this user may still write where a folder lies.</summary>
    long FreeBytes(string folder);
}

/// <summary>What the system tells.</summary>
public sealed class DiskSpace : IDiskSpace
{
    /// <inheritdoc/>
    public long FreeBytes(string folder) => new DriveInfo(folder).AvailableFreeSpace;
}
