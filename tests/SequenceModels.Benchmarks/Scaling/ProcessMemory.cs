using System.Globalization;

namespace SequenceModels.Benchmarks.Scaling;

/// <summary>This process' memory as Linux tells it.</summary>
internal static class ProcessMemory
{
    /// <summary>A line of /proc/self/status, for example <c>VmRSS</c> (now) or <c>VmHWM</c> (at the peak), in bytes.</summary>
    public static long Bytes(string name)
    {
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith(name + ":", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split([' ', '\t', ':'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
