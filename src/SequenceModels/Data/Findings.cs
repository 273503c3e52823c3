namespace SequenceModels.Data;

/// <summary>Collects faults and warnings, the first of them in words and all of them in number.</summary>
internal sealed class Findings
{
    // Bytes are read ahead of rows, so faults of the encoding are found before the faults of earlier rows: two lists, each in order, merged at the end.
    private readonly List<DatasetFault> _encodingFaults = [];
    private readonly List<DatasetFault> _rowFaults = [];
    private readonly List<DatasetWarning> _generalWarnings = [];
    private readonly List<DatasetWarning> _rowWarnings = [];
    private readonly List<DatasetWarning> _lateWarnings = [];

    public long FaultCount { get; private set; }

    public long WarningCount { get; private set; }

    /// <summary>The columns or members that are neither text nor label.</summary>
    public List<string> UnusedColumns { get; } = [];

    public IReadOnlyList<DatasetFault> Faults =>
        [.. _encodingFaults.Concat(_rowFaults).OrderBy(fault => fault.Line).Take(DatasetLimits.ReportedFindings)];

    public IReadOnlyList<DatasetWarning> Warnings =>
        [.. _generalWarnings.OrderBy(warning => warning.Line).Concat(_rowWarnings.Concat(_lateWarnings).OrderBy(warning => warning.Line)).Take(DatasetLimits.ReportedFindings)];

    public void AddEncodingFault(long line, string code, string message) => AddFault(_encodingFaults, line, code, message);

    public void AddFault(long line, string code, string message) => AddFault(_rowFaults, line, code, message);

    public void AddWarning(long line, string code, string message) => AddWarning(_rowWarnings, line, code, message);

    public void AddGeneralWarning(long line, string code, string message) => AddWarning(_generalWarnings, line, code, message);

    /// <summary>Adds warnings about rows that could be told only when all rows were read: the first of them, in the order of lines, and the number of all.</summary>
    public void AddLateWarnings(long count, IReadOnlyList<DatasetWarning> first)
    {
        WarningCount += count;
        _lateWarnings.AddRange(first);
    }

    private void AddFault(List<DatasetFault> faults, long line, string code, string message)
    {
        FaultCount++;
        if (faults.Count < DatasetLimits.ReportedFindings)
        {
            faults.Add(new DatasetFault(line, code, message));
        }
    }

    private void AddWarning(List<DatasetWarning> warnings, long line, string code, string message)
    {
        WarningCount++;
        if (warnings.Count < DatasetLimits.ReportedFindings)
        {
            warnings.Add(new DatasetWarning(line, code, message));
        }
    }
}
