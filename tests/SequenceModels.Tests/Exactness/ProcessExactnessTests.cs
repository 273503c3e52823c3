using System.Diagnostics;
using System.Globalization;
using SequenceModels.Kernels;

namespace SequenceModels.Tests.Exactness;

/// <summary>The same bits in processes whose runtime or settings leave out instructions, and at every width within one process.</summary>
public sealed class ProcessExactnessTests
{
    private static readonly Lazy<IReadOnlyDictionary<string, string>> s_definition = new(() => ExactnessHashes.Kernels(KernelSet.For(SimdWidth.Scalar)));

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void Every_kernel_gives_the_definition_s_bits_at_every_length(int lanes) =>
        Assert.Equal(s_definition.Value, ExactnessHashes.Kernels(KernelSet.For((SimdWidth)lanes)));

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "0", "avx512=False", 2)]
    [InlineData(KernelSet.ForcedWidthVariable, "4", "lanes=4", 4)]
    [InlineData(KernelSet.ForcedWidthVariable, "8", "lanes=8", 1)]
    [InlineData(KernelSet.ForcedWidthVariable, "16", "lanes=16", 2)]
    public async Task Kernels_trainings_and_inference_give_the_same_hashes_in_a_process_with(string variable, string value, string shown, int threads)
    {
        var (processor, hashes) = await RunAsync(variable, value, "whole", threads);
        Assert.Contains(shown, processor, StringComparison.Ordinal);
        AssertSame(ExactnessHashes.Trainings(threads: 1), hashes);
    }

    // Without the instruction each fused multiply-add is a call of a function: one tiny training is enough.
    [Theory]
    [InlineData("DOTNET_EnableAVX2", "0", "avx2=False fma=False")]
    [InlineData(KernelSet.ForcedWidthVariable, "1", "lanes=1")]
    public async Task Kernels_and_a_tiny_training_give_the_same_hashes_in_software(string variable, string value, string shown)
    {
        var (processor, hashes) = await RunAsync(variable, value, "tiny", threads: 2);
        Assert.Contains(shown, processor, StringComparison.Ordinal);
        AssertSame(ExactnessHashes.TinyTraining(threads: 1), hashes);
    }

    private static void AssertSame(IReadOnlyDictionary<string, string> trainings, Dictionary<string, string> hashes) =>
        Assert.Equal(s_definition.Value.Concat(trainings).ToDictionary(), hashes);

    private static async Task<(string Processor, Dictionary<string, string> Hashes)> RunAsync(string variable, string value, string size, int threads)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[] { typeof(ProcessExactnessTests).Assembly.Location, size, threads.ToString(CultureInfo.InvariantCulture) })
            start.ArgumentList.Add(argument);
        start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{output}\n{await errors}");

        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return (lines[0], lines[1..].Select(line => line.Split(": ")).ToDictionary(parts => parts[0], parts => parts[1]));
    }
}
