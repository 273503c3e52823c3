using RnnService.Api.Storage;

namespace RnnService.Api.Tests.Storage;

/// <summary>A disk with as much room as a test says.</summary>
internal sealed class AdjustableDisk : IDiskSpace
{
    private long _free;

    public long Free
    {
        get => Volatile.Read(ref _free);
        set => Volatile.Write(ref _free, value);
    }

    /// <inheritdoc/>
    public long FreeBytes(string folder) => Free;
}
