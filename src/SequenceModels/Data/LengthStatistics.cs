namespace SequenceModels.Data;

/// <summary>How long sequences are, in characters (Unicode scalar values): exact, of all sequences.</summary>
/// <param name="Minimum">The shortest.</param>
/// <param name="Mean">The mean.</param>
/// <param name="Median">At least half of the sequences are at most so long (nearest rank).</param>
/// <param name="Percentile95">At least 95 of 100 sequences are at most so long (nearest rank).</param>
/// <param name="Maximum">The longest.</param>
public sealed record LengthStatistics(long Minimum, double Mean, long Median, long Percentile95, long Maximum);
