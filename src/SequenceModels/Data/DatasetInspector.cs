namespace SequenceModels.Data;

/// <summary>Checks a dataset before it is kept.</summary>
public static class DatasetInspector
{
    /// <summary>The same as the other one, with a temporary file in the folder that the system has for them.</summary>
    /// <param name="content">The bytes, read from the current position to the end; not disposed.</param>
    /// <param name="options">How to read them.</param>
    /// <param name="cancellationToken">Stops the check between two blocks of 64 KiB.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="IOException">The content cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The check was cancelled.</exception>
    public static DatasetInspection Inspect(Stream content, DatasetOptions options, CancellationToken cancellationToken) =>
        Inspect(content, options, OpenTemporaryFile, cancellationToken);

    /// <summary>
    /// Reads a dataset to its end and tells its faults, warnings and statistics. Memory is bounded whatever the content: a row, a table of hashes of at most
    /// <see cref="DatasetLimits.RememberedTexts"/> texts (8 MB, while it grows 12), the labels, counts of characters, lengths and words (3 to 20 MB), and 4 MB to write the
    /// hashes of more texts to a temporary file, at 16 bytes a row.
    /// </summary>
    /// <param name="content">The bytes, read from the current position to the end; not disposed.</param>
    /// <param name="options">How to read them.</param>
    /// <param name="openScratch">
    /// Opens a new file to write and read, at most once, where there are more different texts than are remembered; it is disposed before the check ends. An
    /// <see cref="IOException"/> of it, or of writing to it, is no failure: a warning tells that not all texts were compared.
    /// </param>
    /// <param name="cancellationToken">Stops the check between two blocks of 64 KiB.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="IOException">The content cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The check was cancelled.</exception>
    public static DatasetInspection Inspect(Stream content, DatasetOptions options, Func<Stream> openScratch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(openScratch);
        var findings = new Findings();
        using var sink = new StatisticsSink(findings, options, openScratch, cancellationToken);
        RowReader.Read(content, options, sink, findings, cancellationToken);
        var statistics = sink.Complete();
        return new DatasetInspection(findings.Faults, findings.FaultCount, findings.Warnings, findings.WarningCount, statistics);
    }

    private static FileStream OpenTemporaryFile() => new(
        Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
}
