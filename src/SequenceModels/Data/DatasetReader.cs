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
        return findings.FaultCount == 0
            ? sink.Complete()
            : throw new InvalidDataException($"The dataset has {findings.FaultCount} faults; the first, in line {findings.Faults[0].Line}: {findings.Faults[0].Message}");
    }
}
