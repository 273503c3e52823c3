using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using SequenceModels.Data;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Training;

namespace SequenceModels.Benchmarks.Scaling;

/// <summary>Trains on a text for some seconds, in a process of its own so that the process' peak memory is that of this run, and prints a line of JSON.</summary>
internal static class CorpusRun
{
    public const string Command = "corpus-run";
    private const double ValidationFraction = 0.02;

    public static int Run(string[] args)
    {
        if (args is not [var megabytes, var hidden, var layers, var batch, var time, var seconds, var threads, .. var file])
        {
            Console.Error.WriteLine($"usage: {Command} MEGABYTES HIDDEN LAYERS BATCH TIME SECONDS THREADS [FILE]");
            return 2;
        }

        long idle = ProcessMemory.Bytes("VmRSS");
        int length = (int)(double.Parse(megabytes, CultureInfo.InvariantCulture) * 1e6);
        var (training, validation) = Read(length, file);
        var architecture = new ArchitectureRequest { HiddenSize = Number(hidden), Layers = Number(layers), Dropout = 0 };
        var settings = new TrainingRequest { BatchSize = Number(batch), SequenceLength = Number(time), Epochs = 1000, MaxSeconds = Number(seconds), Seed = 1 };
        var outcome = TrainingPlanner.Resolve(TaskKind.LanguageModel, training, validation, architecture, settings, Number(threads));
        if (outcome.Plan is not { } plan)
        {
            Console.Error.WriteLine(outcome.Refusal);
            return 1;
        }

        // Steps between the first and the last report of the first epoch: neither reading the text nor validation.
        TrainingProgress? first = null, last = null;
        using var trained = new Trainer(Number(threads)).Train(plan, training, validation, Report, CancellationToken.None);
        double tokens = (double)plan.Training.BatchSize * plan.Training.SequenceLength;
        Console.WriteLine(JsonSerializer.Serialize(new CorpusResult(
            first is null || last is null || last.Step == first.Step ? 0 : (last.Step - first.Step) * tokens / (last.Elapsed - first.Elapsed).TotalSeconds,
            ProcessMemory.Bytes("VmHWM") - idle,
            plan.MemoryBytes)));
        return 0;

        void Report(TrainingProgress progress)
        {
            if (progress.Step == 0 || progress.Epoch > 1 || progress.EpochEnded)
                return;
            first ??= progress;
            last = progress;
        }
    }

    // Apart, so that no variable of the run holds the text that was not yet split.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (TrainingData Training, TrainingData Validation) Read(int length, string[] file) =>
        DataSplitter.Split(new TrainingData.ContinuousText(Text(length, file)), ValidationFraction, 1);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int length, string[] file)
    {
        if (file is not [var path])
            return string.Create(length, 1, Fill);
        string text = File.ReadAllText(path);
        return text.Length >= length ? text[..length] : throw new ArgumentException($"{path} has {text.Length} characters; {length} are wanted.");
    }

    /// <summary>Random letters in words and lines.</summary>
    private static void Fill(Span<char> text, int seed)
    {
        var random = new CounterRandom(seed, RandomPurpose.Sampling);
        for (int i = 0; i < text.Length; i++)
        {
            uint draw = random.Word(i) % 64;
            text[i] = draw == 0 ? '\n' : draw < 12 ? ' ' : (char)('a' + draw % 26);
        }
    }
}

/// <summary>What a run on a corpus gave.</summary>
/// <param name="TokensPerSecond">Rate of training; 0: too short to tell.</param>
/// <param name="PeakBytes">Most memory of the process, less what it held before.</param>
/// <param name="EstimatedBytes">What the plan says: texts, tokens and training.</param>
internal sealed record CorpusResult(double TokensPerSecond, long PeakBytes, long EstimatedBytes);
