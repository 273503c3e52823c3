using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace SequenceModels.Benchmarks.Scaling;

/// <summary>Whether cost grows with the work and with nothing else: tokens a second by length of sequence and by size of corpus, and memory against the plan's estimate.</summary>
internal static class ScalingCommand
{
    private const int Hidden = 128;
    private const int Batch = 32;
    private const int Time = 100;

    public static async Task<int> RunAsync(string[] args)
    {
        (string? text, int threads, int seconds) = (null, Environment.ProcessorCount, 3);
        for (int i = 0; i < args.Length; i += 2)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i], value)
            {
                case ("--text", not null): text = value; break;
                case ("--threads", not null): threads = int.Parse(value, CultureInfo.InvariantCulture); break;
                case ("--seconds", not null): seconds = int.Parse(value, CultureInfo.InvariantCulture); break;
                default:
                    await Console.Error.WriteLineAsync("usage: scaling [--text FILE] [--threads T] [--seconds S]     FILE: UTF-8 text of 30 million characters or more");
                    return 2;
            }
        }

        ByLength(threads, seconds);
        await ByCorpusAsync(threads, seconds, text);
        await ByShapeAsync(threads, text);
        return 0;
    }

    private static void ByLength(int threads, int seconds)
    {
        Console.WriteLine($"Training, H = {Hidden}, B = {Batch}, by length of sequence\n\n| T | tokens/s | to the first |\n|--:|--:|--:|");
        double first = 0;
        foreach (int time in (int[])[50, 100, 200, 400, 800])
        {
            using var work = new TrainWorkload(new() { EmbeddingSize = 65, HiddenSize = Hidden }, 65, Batch, time, threads);
            double best = double.MaxValue;
            var clock = Stopwatch.StartNew();
            for (int step = 0; step < 5 || clock.Elapsed.TotalSeconds < seconds; step++)
            {
                long start = Stopwatch.GetTimestamp();
                work.Step();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            double rate = work.Units / best;
            first = first == 0 ? rate : first;
            Console.WriteLine(FormattableString.Invariant($"| {time} | {rate:N0} | {rate / first:F2} |"));
        }
    }

    private static async Task ByCorpusAsync(int threads, int seconds, string? text)
    {
        Console.WriteLine($"\nTraining, H = {Hidden}, B = {Batch}, T = {Time}, by size of corpus\n\n| MB | tokens/s | to the first | peak MiB | estimate |\n|--:|--:|--:|--:|--:|");
        double first = 0;
        foreach (int megabytes in (int[])[1, 10, 30])
        {
            var result = await CorpusAsync(megabytes, Hidden, 1, Batch, Time, seconds, threads, text);
            first = first == 0 ? result.TokensPerSecond : first;
            Console.WriteLine(FormattableString.Invariant(
                $"| {megabytes} | {result.TokensPerSecond:N0} | {result.TokensPerSecond / first:F2} | {result.PeakBytes / 1048576.0:F0} | {result.EstimatedBytes / 1048576.0:F0} |"));
        }
    }

    private static async Task ByShapeAsync(int threads, string? text)
    {
        Console.WriteLine("\nMemory of training on 1 MB of text, by shape\n\n| H | layers | B | T | peak MiB | estimate | ratio |\n|--:|--:|--:|--:|--:|--:|--:|");
        foreach (var (hidden, layers, batch, time) in ((int, int, int, int)[])[(128, 1, 64, 100), (256, 2, 64, 64), (512, 2, 64, 100), (1024, 1, 64, 100), (512, 1, 256, 100), (256, 3, 128, 200)])
        {
            var result = await CorpusAsync(1, hidden, layers, batch, time, 1, threads, text);
            Console.WriteLine(FormattableString.Invariant(
                $"| {hidden} | {layers} | {batch} | {time} | {result.PeakBytes / 1048576.0:F0} | {result.EstimatedBytes / 1048576.0:F0} | {(double)result.PeakBytes / result.EstimatedBytes:F2} |"));
        }
    }

    private static async Task<CorpusResult> CorpusAsync(int megabytes, int hidden, int layers, int batch, int time, int seconds, int threads, string? text)
    {
        int[] numbers = [megabytes, hidden, layers, batch, time, seconds, threads];
        var start = OwnProcess.Start(CorpusRun.Command, [.. numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)), .. text is null ? Array.Empty<string>() : [text]]);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<CorpusResult>(output)!
            : throw new InvalidOperationException($"{CorpusRun.Command} ended with {process.ExitCode}.");
    }
}
