namespace SequenceModels.Data;

/// <summary>What a dataset is warned of: the codes of <see cref="DatasetWarning"/>.</summary>
public static class DatasetWarningCode
{
    /// <summary>A text repeats an earlier one.</summary>
    public const string DuplicateText = "duplicateText";

    /// <summary>A text repeats an earlier one under another label.</summary>
    public const string ConflictingLabel = "conflictingLabel";

    /// <summary>A text is longer than <see cref="DatasetLimits.LongRowCharacters"/>.</summary>
    public const string VeryLongRow = "veryLongRow";

    /// <summary>A field that is not quoted holds a quote.</summary>
    public const string StrayQuote = "strayQuote";

    /// <summary>A label has fewer rows than <see cref="DatasetLimits.RareLabelRows"/>.</summary>
    public const string RareLabel = "rareLabel";

    /// <summary>All rows have the same label.</summary>
    public const string SingleLabel = "singleLabel";

    /// <summary>Two labels differ in case or white space only.</summary>
    public const string SimilarLabels = "similarLabels";

    /// <summary>The longest text is far longer than nearly all others; see <see cref="DatasetLimits.OutlierCharacters"/>.</summary>
    public const string OutlyingLength = "outlyingLength";

    /// <summary>Not all texts were compared with one another, as there was no room for a temporary file.</summary>
    public const string DuplicatesNotAllChecked = "duplicatesNotAllChecked";
}
