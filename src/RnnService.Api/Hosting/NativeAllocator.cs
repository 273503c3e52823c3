using System.Runtime.InteropServices;

namespace RnnService.Api.Hosting;

/// <summary>
/// Has the C library give freed blocks back to the system. glibc learns from freed large blocks to keep the next ones (up to 32 MB each) in its heaps, of which each training thread has its own: after a few jobs
/// the process would hold more freed memory than used. A threshold that is set stays as it is set.
/// </summary>
internal static class NativeAllocator
{
    /// <summary>glibc's M_MMAP_THRESHOLD.</summary>
    private const int MapThreshold = -3;

    private const string Glibc = "libc.so.6";
    private const int LargeBytes = 1 << 20;

    /// <summary>Blocks from 1 MiB on are mapped and unmapped one by one. C libraries without this setting (musl, other systems) are left as they are.</summary>
    public static void ReturnLargeBlocks()
    {
        if (OperatingSystem.IsLinux() && NativeLibrary.TryLoad(Glibc, out nint library) && NativeLibrary.TryGetExport(library, "mallopt", out _))
            _ = Set(MapThreshold, LargeBytes);
    }

    [DllImport(Glibc, EntryPoint = "mallopt")]
    private static extern int Set(int parameter, int value);
}
