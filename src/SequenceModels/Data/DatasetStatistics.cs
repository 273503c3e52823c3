namespace SequenceModels.Data;

/// <summary>What a dataset holds.</summary>
/// <param name="Sequences">The number of sequences; 1 for one long text.</param>
/// <param name="Characters">The number of characters (Unicode scalar values) of all texts, without line ends that separate rows and without labels.</param>
/// <param name="DistinctCharacters">How many different characters the texts hold.</param>
/// <param name="UnusedColumns">The columns or members that are neither text nor label, in order of appearance; by number (from 1) where there is no header.</param>
/// <param name="Labels">How many sequences carry each label, in ordinal order of the labels; empty where there are none.</param>
public sealed record DatasetStatistics(
    long Sequences,
    long Characters,
    int DistinctCharacters,
    IReadOnlyList<string> UnusedColumns,
    IReadOnlyDictionary<string, long> Labels)
{
    /// <summary>How long the sequences are; null for one long text, and where nobody counted.</summary>
    public LengthStatistics? Lengths { get; init; }

    /// <summary>The most frequent characters, at most <see cref="DatasetLimits.FrequentCharacters"/>, the most frequent first, equally frequent ones in the order of Unicode; null where nobody counted.</summary>
    public IReadOnlyList<CharacterCount>? FrequentCharacters { get; init; }

    /// <summary>How much of new text would be unknown; null where nobody counted, or there is no text.</summary>
    public UnknownShare? UnknownShare { get; init; }
}
