namespace SequenceModels.Data;

/// <summary>Reads a dataset that was found to be without faults.</summary>
public static class DatasetReader
{
    /// <summary>Reads all sequences into memory. Line ends within a text are read as LF.</summary>
    /// <param name="content">The bytes, read from the current position to the end; not disposed.</param>
    /// <param name="options">How to read them.</param>
    /// <param name="cancellationToken">Stops the reading between two blocks of 64 KiB.</param>
    /// <returns>
    /// <see cref="TrainingData.ContinuousText"/> for <see cref="DatasetFormat.Text"/>, <see cref="TrainingData.Lines"/> for <see cref="DatasetFormat.Lines"/>,
    /// else <see cref="TrainingData.Labelled"/>.
    /// </returns>
    /// <exception cref="InvalidDataException">The dataset has a fault; the message names the first one.</exception>
    /// <exception cref="IOException">The content cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    public static TrainingData Read(Stream content, DatasetOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(options);
        var findings = new Findings();
        var sink = new TrainingDataSink(options);
        RowReader.Read(content, options, sink, findings, cancellationToken);
        ThrowIfFaulty(findings);
        return sink.Complete();
    }

    /// <summary>Tells where sequences start.</summary>
    /// <param name="content">The bytes, read from the current position to the end; not disposed.</param>
    /// <param name="options">How to read them.</param>
    /// <param name="sequences">Numbers of sequences, from 0, in any order.</param>
    /// <param name="cancellationToken">Stops the reading between two blocks of 64 KiB.</param>
    /// <returns>For each of them the line of the file, from 1, where it starts.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no sequence of such a number; one long text has none.</exception>
    /// <exception cref="InvalidDataException">The dataset has a fault; the message names the first one.</exception>
    /// <exception cref="IOException">The content cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    public static IReadOnlyDictionary<long, long> FindLines(Stream content, DatasetOptions options, IEnumerable<long> sequences, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sequences);
        var findings = new Findings();
        var sink = new LineSink([.. sequences]);
        RowReader.Read(content, options, sink, findings, cancellationToken);
        ThrowIfFaulty(findings);
        return sink.Complete();
    }

    private static void ThrowIfFaulty(Findings findings)
    {
        if (findings.FaultCount > 0)
        {
            throw new InvalidDataException($"The dataset has {findings.FaultCount} {(findings.FaultCount == 1 ? "fault" : "faults")}; the first, in line {findings.Faults[0].Line}: {findings.Faults[0].Message}");
        }
    }
}
