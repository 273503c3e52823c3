namespace SequenceModels.Data;

/// <summary>The bounds that keep the memory of a check small, whatever is sent.</summary>
public static class DatasetLimits
{
    /// <summary>Faults, and warnings, beyond this number are counted only.</summary>
    public const int ReportedFindings = 100;

    /// <summary>The longest row, in bytes of UTF-8 (1 MiB). One long text has no rows, hence no such limit.</summary>
    public const int RowBytes = 1 << 20;

    /// <summary>A row with more characters than this gets a warning: most of it lies beyond what training reads of a sequence.</summary>
    public const int LongRowCharacters = 10_000;

    /// <summary>The most labels that a dataset may have.</summary>
    public const int Labels = 10_000;

    /// <summary>The longest label, in bytes of UTF-8.</summary>
    public const int LabelBytes = 256;

    /// <summary>A label with fewer rows than this gets a warning.</summary>
    public const int RareLabelRows = 5;

    /// <summary>The most columns (CSV, TSV) or different members (JSON lines).</summary>
    public const int Columns = 1_000;

    /// <summary>The longest name of a column or member, in bytes of UTF-8.</summary>
    public const int ColumnNameBytes = 256;

    /// <summary>A text is outlying in length if it has more characters than this, and more than <see cref="OutlierRatio"/> times those of the 95th percentile of at least <see cref="OutlierRows"/> rows.</summary>
    public const int OutlierCharacters = 500;

    /// <inheritdoc cref="OutlierCharacters"/>
    public const int OutlierRatio = 20;

    /// <inheritdoc cref="OutlierCharacters"/>
    public const int OutlierRows = 20;

    /// <summary>The most frequent characters that are told.</summary>
    public const int FrequentCharacters = 20;

    /// <summary>To find repetitions, this many different texts are remembered in memory, and those beyond in a temporary file.</summary>
    public const int RememberedTexts = 400_000;
}
