using System.Diagnostics;

namespace SequenceModels.Benchmarks;

/// <summary>This program once more, as a process of its own.</summary>
internal static class OwnProcess
{
    /// <summary>How one of its commands is started.</summary>
    public static ProcessStartInfo Start(string command, IEnumerable<string> arguments)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this process is unknown.");
        bool hosted = Path.GetFileNameWithoutExtension(program) == "dotnet"; // started as `dotnet FILE.dll`
        return new ProcessStartInfo(program, hosted ? [typeof(OwnProcess).Assembly.Location, command, .. arguments] : [command, .. arguments]);
    }
}
