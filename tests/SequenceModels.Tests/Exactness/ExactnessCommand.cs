using System.Globalization;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SequenceModels.Kernels;

namespace SequenceModels.Tests.Exactness;

/// <summary>
/// The entry point of the tests as a program of their own: prints what the processor offers, then the hashes, so that a test can start it in an environment
/// where the runtime leaves instructions out. <c>dotnet SequenceModels.Tests.dll tiny|whole THREADS</c>.
/// </summary>
internal static class ExactnessCommand
{
    private static int Main(string[] arguments)
    {
        if (arguments is not [("tiny" or "whole") and var size, var number] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int threads))
        {
            Console.Error.WriteLine("usage: SequenceModels.Tests tiny|whole THREADS");
            return 2;
        }

        Console.WriteLine($"avx512={Vector512.IsHardwareAccelerated} avx2={Avx2.IsSupported} fma={Fma.IsSupported} lanes={(int)KernelSet.Best.Width}");
        var trainings = size == "tiny" ? ExactnessHashes.TinyTraining(threads) : ExactnessHashes.Trainings(threads);
        foreach (var (name, hash) in ExactnessHashes.Kernels(KernelSet.Best).Concat(trainings))
            Console.WriteLine($"{name}: {hash}");
        return 0;
    }
}
