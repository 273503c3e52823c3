namespace SequenceModels.Data;

/// <summary>Checks a dataset before it is kept.</summary>
public static class DatasetInspector
{
    /// <summary>
    /// Reads a dataset to its end and tells its faults, warnings and statistics. Memory is bounded whatever the content: a row, a table of hashes of at most
    /// <see cref="DatasetLimits.RememberedTexts"/> texts (8 MB) and the labels.
    /// </summary>
    /// <param name="content">The bytes, read from the current position to the end; not disposed.</param>
    /// <param name="options">How to read them.</param>
    /// <param name="cancellationToken">Stops the check between two blocks of 64 KiB.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="IOException">The content cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The check was cancelled.</exception>
    public static DatasetInspection Inspect(Stream content, DatasetOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(options);
        var findings = new Findings();
        var sink = new StatisticsSink(findings);
        RowReader.Read(content, options, sink, findings, cancellationToken);
        var statistics = sink.Complete();
        return new DatasetInspection(findings.Faults, findings.FaultCount, findings.Warnings, findings.WarningCount, statistics);
    }
}
