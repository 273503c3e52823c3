using System.Runtime.InteropServices;
using SequenceModels.Kernels;

namespace SequenceModels.Benchmarks.Comparison;

/// <summary>What a result was measured on.</summary>
/// <param name="Processor">Model name.</param>
/// <param name="Cores">Processors that this process may use.</param>
/// <param name="VectorBits">Width of the kernels.</param>
/// <param name="Runtime">.NET version.</param>
/// <param name="OperatingSystem">Name and version.</param>
/// <param name="PeakOperations">Measured floating-point operations a second of all threads.</param>
internal sealed record Machine(string Processor, int Cores, int VectorBits, string Runtime, string OperatingSystem, double PeakOperations)
{
    public static Machine Measure(int threads) => new(
        ProcessorName(), Environment.ProcessorCount, 32 * (int)KernelSet.Best.Width, RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription, FusedMultiplyAddPeak.Measure(threads));

    private static string ProcessorName()
    {
        const string file = "/proc/cpuinfo";
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
