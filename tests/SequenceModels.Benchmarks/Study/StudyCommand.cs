using System.Diagnostics;
using System.Globalization;
using SequenceModels.Data;
using SequenceModels.Training;

namespace SequenceModels.Benchmarks.Study;

/// <summary>Trains with each of several settings on each of several sets, measures on rows that no run was shown, and prints a table. What it found: docs/defaults.md.</summary>
internal static class StudyCommand
{
    private const string Usage = "usage: study [--settings FILE.json] [--sets A,B] [--seeds 1,2] [--threads T] [--curves]     RNN_DATA names the folder of the sets";
    private const double ValidationFraction = 0.1; // as the service

    public static int Run(string[] args)
    {
        IReadOnlyList<StudySettings> settings = [new StudySettings { Name = "zero" }];
        (string[] sets, long[] seeds, int threads, bool curves) = ([.. StudySets.Names], [1], 1, false);
        for (int i = 0; i < args.Length; i++)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i], value)
            {
                case ("--curves", _): curves = true; continue;
                case ("--settings", not null): settings = StudySettings.Read(value); break;
                case ("--sets", not null): sets = value.Split(','); break;
                case ("--seeds", not null): seeds = [.. value.Split(',').Select(seed => long.Parse(seed, CultureInfo.InvariantCulture))]; break;
                case ("--threads", not null): threads = int.Parse(value, CultureInfo.InvariantCulture); break;
                default:
                    Console.Error.WriteLine(Usage);
                    return 2;
            }

            i++;
        }

        Console.WriteLine("| set | settings | seed | unseen | validation | loss | rate | best of epochs | seconds | CPU seconds |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|");
        foreach (long seed in seeds)
        {
            foreach (var choice in settings)
            {
                foreach (string set in choice.Sets ?? sets)
                {
                    if (sets.Contains(set))
                        Measure(set, choice, seed, threads, curves);
                }
            }
        }

        return 0;
    }

    private static void Measure(string name, StudySettings choice, long seed, int threads, bool curves)
    {
        var set = StudySets.Read(name);
        var (training, validation) = DataSplitter.Split(set.Shown, ValidationFraction, seed);
        var outcome = TrainingPlanner.Resolve(set.Task, training, validation, choice.Architecture, choice.Training with { Seed = seed }, threads);
        if (outcome.Plan is not { } plan)
        {
            Console.WriteLine($"| {name} | {choice.Name} | {seed} | {outcome.Refusal} |");
            return;
        }

        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        using var trained = new Trainer(threads).Train(plan, training, validation, _ => { }, CancellationToken.None);
        process.Refresh();
        double processorSeconds = (process.TotalProcessorTime - before).TotalSeconds;
        string metric = trained.Metrics.ContainsKey("accuracy") ? "accuracy" : "validationLoss";
        var unseen = trained.Model.Evaluate(set.Unseen, plan.Training.SequenceLength, threads, CancellationToken.None);
        Console.WriteLine(FormattableString.Invariant(
            $"| {name} | {choice.Name} | {seed} | {unseen[metric]:F4} | {trained.Metrics[metric]:F4} | {trained.Metrics["validationLoss"]:F4} | {trained.RangeTest?.LearningRate ?? plan.Training.LearningRate:G3} | {trained.BestEpoch} of {trained.Curve.Count} | {trained.ElapsedSeconds:F0} | {processorSeconds:F0} |"));
        if (curves)
            Console.Error.WriteLine($"{name} {choice.Name} {seed}: {Test(trained.RangeTest)}" + string.Join(' ', trained.Curve.Select(Point)));
    }

    private static string Test(FoundLearningRate? found) => found is null
        ? ""
        : string.Join(' ', found.Test.Curve.Where((_, i) => i % 4 == 0).Select(point => FormattableString.Invariant($"{point.Rate:G2}:{point.Smoothed:F3}"))) + " | ";

    private static string Point(EpochMetrics point) => FormattableString.Invariant($"{point.TrainingLoss:F3}/{point.ValidationLoss:F3}/{point.ValidationAccuracy:F3}");
}
