using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace SequenceModels.Benchmarks;

/// <summary>Times this library on fixed cases and prints what its peers print: <c>{"peer","kind","case","per_second","best_ms","unit"}</c>, one line a case.</summary>
internal static class PeersCommand
{
    /// <summary>Exit code for a kind of case that this build cannot do.</summary>
    public const int UnknownKind = 4;

    private const int WarmUpSteps = 10;

    public static int Run(string[] args)
    {
        if (args is not [var selection, var seconds, var threads, var cases])
        {
            Console.Error.WriteLine("usage: peers KIND[:CASE] SECONDS THREADS CASES.json");
            return 2;
        }

        string kind = selection.Split(':')[0];
        if (!Workload.Kinds.Contains(kind))
        {
            Console.Error.WriteLine($"There is no kind '{kind}'; it can be {string.Join(", ", Workload.Kinds)}.");
            return UnknownKind;
        }

        foreach (var item in PeerCase.Read(cases, selection))
        {
            using var workload = Workload.Create(item, int.Parse(threads, CultureInfo.InvariantCulture));
            var (steps, best, elapsed) = Time(workload.Step, double.Parse(seconds, CultureInfo.InvariantCulture));
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                peer = "rnnservice",
                kind = item.Kind,
                @case = item.Name,
                per_second = Math.Round(steps * workload.Units / elapsed, 1),
                best_ms = Math.Round(best * 1e3, 6),
                unit = item.Kind == "classify" ? "sequences" : "tokens",
            }));
        }

        return 0;
    }

    /// <summary>Repeats a step for some seconds, after a warm-up.</summary>
    public static (long Steps, double Best, double Elapsed) Time(Action step, double seconds, int warmUpSteps = WarmUpSteps)
    {
        for (int i = 0; i < warmUpSteps; i++)
            step();
        double best = double.MaxValue;
        long steps = 0;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            long start = Stopwatch.GetTimestamp();
            step();
            best = Math.Min(best, (Stopwatch.GetTimestamp() - start) / (double)Stopwatch.Frequency); // a TimeSpan would round to 100 ns
            steps++;
        }

        return (steps, best, clock.Elapsed.TotalSeconds);
    }
}
