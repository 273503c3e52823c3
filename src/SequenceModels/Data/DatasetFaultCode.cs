namespace SequenceModels.Data;

/// <summary>What can be wrong with a dataset: the codes of <see cref="DatasetFault"/>.</summary>
public static class DatasetFaultCode
{
    /// <summary>Bytes that are not UTF-8.</summary>
    public const string InvalidEncoding = "invalidEncoding";

    /// <summary>A NUL (U+0000).</summary>
    public const string NulCharacter = "nulCharacter";

    /// <summary>There is no column for the text, or for the label.</summary>
    public const string MissingColumn = "missingColumn";

    /// <summary>Two columns have the name of the text's or the label's, or one is meant for both.</summary>
    public const string DuplicateColumn = "duplicateColumn";

    /// <summary>The name of a column or member is longer than <see cref="DatasetLimits.ColumnNameBytes"/>.</summary>
    public const string ColumnNameTooLong = "columnNameTooLong";

    /// <summary>There are more columns or members than <see cref="DatasetLimits.Columns"/>.</summary>
    public const string TooManyColumns = "tooManyColumns";

    /// <summary>A row has more or fewer columns than the first.</summary>
    public const string WrongColumnCount = "wrongColumnCount";

    /// <summary>A quoted field is never closed, or something follows its closing quote.</summary>
    public const string BadQuotes = "badQuotes";

    /// <summary>A line is no JSON object.</summary>
    public const string InvalidJson = "invalidJson";

    /// <summary>An object has no text, or no label.</summary>
    public const string MissingMember = "missingMember";

    /// <summary>A text or label is no string.</summary>
    public const string WrongType = "wrongType";

    /// <summary>A text is empty or white space.</summary>
    public const string EmptyText = "emptyText";

    /// <summary>A label is empty or white space.</summary>
    public const string EmptyLabel = "emptyLabel";

    /// <summary>A label is longer than <see cref="DatasetLimits.LabelBytes"/>.</summary>
    public const string LabelTooLong = "labelTooLong";

    /// <summary>There are more labels than <see cref="DatasetLimits.Labels"/>.</summary>
    public const string TooManyLabels = "tooManyLabels";

    /// <summary>A row is longer than <see cref="DatasetLimits.RowBytes"/>.</summary>
    public const string RowTooLong = "rowTooLong";

    /// <summary>There is no text at all.</summary>
    public const string NoData = "noData";

    /// <summary>A line that is given by itself holds a line end; never of a file.</summary>
    public const string LineBreak = "lineBreak";
}
