using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace SequenceModels.Benchmarks.Comparison;

/// <summary>A command that measures a case in a process of its own: <c>CMD KIND:CASE SECONDS THREADS</c> prints a line of JSON.</summary>
/// <param name="name">What messages call it.</param>
/// <param name="file">The executable.</param>
/// <param name="before">Arguments before the three.</param>
/// <param name="after">Arguments after them.</param>
internal sealed class ChildCommand(string name, string file, IReadOnlyList<string> before, IReadOnlyList<string> after)
{
    /// <summary>A command as written on the command line: the executable and perhaps arguments, separated by spaces.</summary>
    public static ChildCommand Parse(string name, string command)
    {
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 ? new ChildCommand(name, words[0], words[1..], []) : throw new ArgumentException($"The command of {name} is empty.");
    }

    /// <summary>This program's <c>peers</c>.</summary>
    public static ChildCommand Ourselves(string cases)
    {
        var start = OwnProcess.Start("peers", []);
        return new ChildCommand("rnnservice", start.FileName, start.ArgumentList, [cases]);
    }

    /// <summary>Measures one case.</summary>
    /// <exception cref="ChildFailedException">The command could not be started, failed, or printed something else.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the process has been ended.</exception>
    public async Task<Timing> RunAsync(string selection, double seconds, int threads, CancellationToken cancellationToken)
    {
        string[] arguments = [.. before, selection, seconds.ToString(CultureInfo.InvariantCulture), threads.ToString(CultureInfo.InvariantCulture), .. after];
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        string shown = $"{name}: {file} {string.Join(' ', arguments)}";
        using var process = Start(start, shown);
        using var ending = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        string output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
        if (process.ExitCode != 0)
            throw new ChildFailedException($"{shown}\nended with {process.ExitCode}:\n{(await errors).Trim()}", process.ExitCode);
        try
        {
            return JsonSerializer.Deserialize<Timing>(output) ?? throw new JsonException("The line is null.");
        }
        catch (JsonException problem)
        {
            throw new ChildFailedException($"{shown}\nprinted no single line of timings ({problem.Message}):\n{output.Trim()}\n{(await errors).Trim()}", 0, problem);
        }
    }

    private static Process Start(ProcessStartInfo start, string shown)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception problem)
        {
            throw new ChildFailedException($"{shown}\ncould not be started: {problem.Message}", -1, problem);
        }
    }
}
