using System.Runtime.InteropServices;
using System.Text.Json;

namespace SequenceModels.Benchmarks.Comparison;

/// <summary>Measures this library and its peers in turn, each in a process of its own, and prints who is faster by how much.</summary>
internal static class CompareCommand
{
    private const string Int8Kind = "sample-int8";
    private const string Int8Case = "sample-h512x2";
    private static readonly string[] Kinds = ["train", "sample", "classify"];

    public static async Task<int> RunAsync(string[] args)
    {
        using var cancellation = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            var options = CompareOptions.Parse(args);
            var result = options.From.Count > 0 ? ComparisonResult.Together([.. options.From.Select(ComparisonResult.Read)]) : await MeasureAsync(options, cancellation.Token);
            string table = MarkdownTable.Of(result);
            Console.Write(table);
            if (options.Output is { } json)
                result.Write(json);
            if (options.Markdown is { } markdown)
                await File.WriteAllTextAsync(markdown, table, cancellation.Token);
            if (options.Svg is { } picture)
                await File.WriteAllTextAsync(picture, RatioChart.Of(result), cancellation.Token);
            return result.Cases.Any(item => item.Passed == false) ? 1 : 0;
        }
        catch (Exception problem) when (problem is ArgumentException or IOException or JsonException)
        {
            await Console.Error.WriteLineAsync($"{problem.Message}\n{CompareOptions.Usage}");
            return 2;
        }
        catch (ChildFailedException problem)
        {
            await Console.Error.WriteLineAsync(problem.Message);
            return 3;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return 130;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true; // first the child is ended
            cancellation.Cancel();
        }
    }

    private static async Task<ComparisonResult> MeasureAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        var items = Items(options);
        await Console.Error.WriteLineAsync("peak of the machine ...");
        var machine = Machine.Measure(options.Threads);
        var results = new List<CaseResult>();
        foreach (string selection in items)
        {
            var result = await MeasureOrNullAsync(options, selection, cancellationToken);
            if (result is not null)
                results.Add(result);
        }

        return new ComparisonResult
        {
            Date = DateTimeOffset.UtcNow,
            Machine = machine,
            PeerVersions = options.PeerVersions,
            Threads = options.Threads,
            SecondsATurn = options.Seconds,
            Cases = results,
        };
    }

    /// <summary>KIND:CASE of all that is to be measured, in the order of the file.</summary>
    private static List<string> Items(CompareOptions options)
    {
        string[] all = [.. Kinds.SelectMany(kind => PeerCase.Read(options.Cases, kind)).Select(item => $"{item.Kind}:{item.Name}")];
        if (options.Selected.Except(all).ToArray() is [var unknown, ..])
            throw new ArgumentException($"There is no case '{unknown}'; there are {string.Join(", ", all)}.");
        var items = all.Where(item => options.Selected.Count == 0 || options.Selected.Contains(item)).ToList();
        if (options.Int8)
            items.Add($"{Int8Kind}:{Int8Case}");
        foreach (string item in items)
        {
            if (Peer(options, item) is null)
                throw new ArgumentException($"{item} needs the command of its peer: {(item.StartsWith("train", StringComparison.Ordinal) ? "--torch" : "--onnx")} CMD.");
        }

        return items;
    }

    private static ChildCommand? Peer(CompareOptions options, string selection)
    {
        (string name, string? command) = selection.StartsWith("train", StringComparison.Ordinal) ? ("torch", options.Torch) : ("onnx", options.Onnx);
        return command is null ? null : ChildCommand.Parse(name, command);
    }

    private static async Task<CaseResult?> MeasureOrNullAsync(CompareOptions options, string selection, CancellationToken cancellationToken)
    {
        var (us, peer) = (ChildCommand.Ourselves(options.Cases), Peer(options, selection)!);
        string kind = selection[..selection.IndexOf(':', StringComparison.Ordinal)];
        string peerSelection = selection.Replace(Int8Kind, "sample", StringComparison.Ordinal);

        // A token at a time is too little work to share for some: the peer is given both ways.
        int[] peerThreads = peerSelection.StartsWith("sample", StringComparison.Ordinal) && options.Threads > 1 ? [1, options.Threads] : [options.Threads];
        var ours = new List<Timing>();
        var theirs = peerThreads.ToDictionary(threads => threads, _ => new List<Timing>());
        for (int round = 1; round <= options.Rounds; round++)
        {
            await Console.Error.WriteLineAsync($"{selection}, round {round} of {options.Rounds}");
            try
            {
                ours.Add(await us.RunAsync(selection, options.Seconds, options.Threads, cancellationToken));
            }
            catch (ChildFailedException problem) when (problem.ExitCode == PeersCommand.UnknownKind)
            {
                await Console.Error.WriteLineAsync($"{selection} is left out: this build does not know the kind '{kind}'.");
                return null;
            }

            foreach (int threads in peerThreads)
                theirs[threads].Add(await peer.RunAsync(peerSelection, options.Seconds, threads, cancellationToken));
        }

        double? operations = kind == "train" ? TrainingArithmetic.Operations(PeerCase.Read(options.Cases, selection).Single()) : null;
        return new CaseResult(selection, new Series(options.Threads, ours), [.. theirs.Select(series => new Series(series.Key, series.Value))], operations, Target.OfOrNull(selection));
    }
}
