using System.Globalization;

namespace SequenceModels.Data;

/// <summary>How to read a dataset.</summary>
/// <param name="Format">The format of the bytes.</param>
/// <param name="Header">Whether the first row of CSV and TSV names the columns.</param>
/// <param name="TextColumn">
/// The column (CSV, TSV) or member (JSON lines) that holds the text. Left out: <c>text</c>, or column 1 where there is no header.
/// Without a header it is the column's number, from 1.
/// </param>
/// <param name="LabelColumn">The same for the label. Left out: <c>label</c>, or column 2 where there is no header.</param>
public sealed record DatasetOptions(DatasetFormat Format, bool Header = true, string? TextColumn = null, string? LabelColumn = null)
{
    /// <summary>Whether every sequence of this format carries a label.</summary>
    public bool IsLabelled => Format is DatasetFormat.Csv or DatasetFormat.Tsv or DatasetFormat.Jsonl;

    internal string TextName => TextColumn ?? (IsNumbered ? "1" : "text");

    internal string LabelName => LabelColumn ?? (IsNumbered ? "2" : "label");

    private bool IsNumbered => !Header && Format is (DatasetFormat.Csv or DatasetFormat.Tsv);

    /// <summary>The same with the columns that were left out filled in, so that equal readings are equal options.</summary>
    public DatasetOptions WithDefaults() => IsLabelled ? this with { TextColumn = TextName, LabelColumn = LabelName } : this;

    /// <summary>The number of a column that is given by its number, or null where <paramref name="column"/> is not a number from 1.</summary>
    /// <param name="column">What was given.</param>
    public static int? ColumnNumberOrNull(string column) =>
        int.TryParse(column, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && column[0] != '0' ? number : null;
}
