using System.Runtime.InteropServices;

namespace SequenceModels.Tests.Kernels;

/// <summary>Floats that end exactly where an unreadable page begins (on Linux): reading or writing past the end kills the test run.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int Page = 4096;
    private readonly byte* _start;
    private readonly nuint _bytes;

    public GuardedMemory(int length)
    {
        Length = length;
        if (!OperatingSystem.IsLinux())
        {
            _start = (byte*)NativeMemory.AllocZeroed((nuint)Math.Max(1, length) * sizeof(float));
            Pointer = (float*)_start;
            return;
        }

        nuint used = ((nuint)length * sizeof(float) + Page - 1) / Page * Page;
        _bytes = used + Page;
        _start = (byte*)Map(0, _bytes, 3, 0x22, -1, 0);
        Assert.NotEqual(-1, (nint)_start);
        Assert.Equal(0, Protect((nint)(_start + used), Page, 0));
        Pointer = (float*)(_start + used) - length;
    }

    public int Length { get; }

    public float* Pointer { get; }

    public Span<float> Values => new(Pointer, Length);

    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
            Assert.Equal(0, Unmap((nint)_start, _bytes));
        else
            NativeMemory.Free(_start);
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
