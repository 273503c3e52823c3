using System.Diagnostics;
using System.Globalization;
using SequenceModels.Tasks;

namespace SequenceModels.Benchmarks;

/// <summary>What each option of the layers costs: training steps with and without it in turns, so that a busy machine is so for both.</summary>
internal static class OptionsCommand
{
    private const double DefaultSeconds = 2;
    private const int WarmUpSteps = 5;

    private static readonly (string Name, ArchitectureSettings Architecture, int Vocabulary, int Batch, int Time)[] s_shapes =
    [
        ("lm-h128", new() { EmbeddingSize = 65, HiddenSize = 128 }, 65, 32, 64),
        ("lm-h256x2", new() { EmbeddingSize = 65, HiddenSize = 256, Layers = 2 }, 65, 64, 64),
    ];

    private static readonly (string Name, Func<ArchitectureSettings, ArchitectureSettings> With)[] s_options =
    [
        ("dropout", a => a with { Dropout = 0.3 }),
        ("variational", a => a with { Dropout = 0.3, DropoutKind = DropoutKind.Variational }),
        ("variational, input too", a => a with { Dropout = 0.3, DropoutKind = DropoutKind.Variational, InputDropout = 0.3 }),
        ("embeddingDropout", a => a with { EmbeddingDropout = 0.1 }),
        ("weightDropout", a => a with { WeightDropout = 0.5 }),
        ("zoneout", a => a with { Zoneout = 0.1 }),
        ("residual", a => a with { Residual = true }),
        ("layerNorm", a => a with { LayerNorm = true }),
        ("tiedEmbeddings", a => a with { TiedEmbeddings = true }),
        ("learnedInitialState", a => a with { LearnedInitialState = true }),
    ];

    /// <summary><c>options [SECONDS] [THREADS] [CASE]</c>: seconds of each comparison, and the one case to measure.</summary>
    public static int Run(string[] args)
    {
        double seconds = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : DefaultSeconds;
        int threads = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
        Console.WriteLine("| case | option | ms without | ms with | ratio |\n|---|---|--:|--:|--:|");
        foreach (var shape in s_shapes.Where(shape => args.Length < 3 || shape.Name == args[2]))
        {
            foreach (var option in s_options)
            {
                using var without = new TrainWorkload(shape.Architecture, shape.Vocabulary, shape.Batch, shape.Time, threads);
                using var with = new TrainWorkload(option.With(shape.Architecture), shape.Vocabulary, shape.Batch, shape.Time, threads);
                var (a, b, ratio) = InTurns(without.Step, with.Step, seconds);
                Console.WriteLine(FormattableString.Invariant($"| {shape.Name} | {option.Name} | {a * 1e3:F2} | {b * 1e3:F2} | {ratio:F2} |"));
            }
        }

        return 0;
    }

    /// <summary>The median seconds of two kinds of steps, and the median of the ratios of neighbours.</summary>
    private static (double First, double Second, double Ratio) InTurns(Action first, Action second, double seconds)
    {
        List<double> a = [], b = [];
        var clock = new Stopwatch();
        for (int i = -WarmUpSteps; i < 3 || clock.Elapsed.TotalSeconds < seconds; i++)
        {
            if (i == 0)
                clock.Start();
            double one = Time(first), other = Time(second);
            if (i < 0)
                continue;
            a.Add(one);
            b.Add(other);
        }

        return (Median(a), Median(b), Median([.. a.Zip(b, (one, other) => other / one)]));
    }

    private static double Time(Action step)
    {
        long start = Stopwatch.GetTimestamp();
        step();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
