namespace SequenceModels.Data;

/// <summary>What was found in a dataset.</summary>
/// <param name="Faults">The first <see cref="DatasetLimits.ReportedFindings"/> faults in the order of their lines; none if the dataset can be used.</param>
/// <param name="FaultCount">How many faults there are in all.</param>
/// <param name="Warnings">The first <see cref="DatasetLimits.ReportedFindings"/> warnings: those about the whole first, then those about rows, both in the order of their lines.</param>
/// <param name="WarningCount">How many warnings there are in all.</param>
/// <param name="Statistics">What the dataset holds, faulty rows left out.</param>
public sealed record DatasetInspection(
    IReadOnlyList<DatasetFault> Faults,
    long FaultCount,
    IReadOnlyList<DatasetWarning> Warnings,
    long WarningCount,
    DatasetStatistics Statistics);
