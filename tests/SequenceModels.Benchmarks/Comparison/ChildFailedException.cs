namespace SequenceModels.Benchmarks.Comparison;

/// <summary>A command that measures failed; the message holds its standard error.</summary>
internal sealed class ChildFailedException(string message, int exitCode, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode => exitCode;
}
