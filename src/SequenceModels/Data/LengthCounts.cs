namespace SequenceModels.Data;

/// <summary>How many sequences have each length: the whole distribution, as rows have at most <see cref="DatasetLimits.RowBytes"/> characters. At most 8.4 MB.</summary>
internal sealed class LengthCounts
{
    private const int PageSize = 1024;

    private readonly long[]?[] _pages = new long[]?[(DatasetLimits.RowBytes / PageSize) + 1];
    private long _rows;
    private long _characters;
    private long _longest = -1;

    /// <summary>The line of the first of the longest sequences.</summary>
    public long LongestLine { get; private set; }

    public void Add(long length, long line)
    {
        var page = _pages[length / PageSize] ??= new long[PageSize];
        page[length % PageSize]++;
        _rows++;
        _characters += length;
        if (length > _longest)
        {
            (_longest, LongestLine) = (length, line);
        }
    }

    /// <summary>Null where there is no sequence.</summary>
    public LengthStatistics? ToStatisticsOrNull() => _rows == 0 ? null : new(At(1), (double)_characters / _rows, At(Rank(50)), At(Rank(95)), _longest);

    /// <summary>The nearest rank: the least number of sequences that are at least so many per cent of them.</summary>
    private long Rank(int percent) => (long)Math.Ceiling(_rows / 100m * percent);

    /// <summary>The length of the sequence of a rank, from 1, in the order of lengths.</summary>
    private long At(long rank)
    {
        for (var length = 0L; ; length++)
        {
            rank -= _pages[length / PageSize]?[length % PageSize] ?? 0;
            if (rank <= 0)
            {
                return length;
            }
        }
    }
}
