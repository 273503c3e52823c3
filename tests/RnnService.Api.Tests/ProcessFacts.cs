using System.Globalization;

namespace RnnService.Api.Tests;

/// <summary>What the kernel tells of a service's process.</summary>
internal static class ProcessFacts
{
    /// <summary>The training thread and the team that works for it; the system cuts names off after 15 characters.</summary>
    public static int TrainingThreads(this ServiceProcess service) => Directory.GetDirectories($"/proc/{service.ProcessId}/task")
        .Count(task => File.ReadAllText(Path.Combine(task, "comm")) is var name && (name.StartsWith("training ", StringComparison.Ordinal) || name.StartsWith("SequenceModels", StringComparison.Ordinal)));

    /// <summary>Resident memory, in KiB.</summary>
    public static long ResidentKilobytes(this ServiceProcess service) => Kilobytes(service, "VmRSS");

    /// <summary>The most resident memory since the last reset, in KiB.</summary>
    public static long PeakKilobytes(this ServiceProcess service) => Kilobytes(service, "VmHWM");

    /// <summary>Makes the kernel count the peak anew.</summary>
    public static void ResetPeak(this ServiceProcess service) => File.WriteAllText($"/proc/{service.ProcessId}/clear_refs", "5");

    private static long Kilobytes(ServiceProcess service, string field) => long.Parse(
        File.ReadLines($"/proc/{service.ProcessId}/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal))[(field.Length + 1)..].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture);
}
