namespace SequenceModels.Data;

/// <summary>How the bytes of a dataset are divided into sequences. Every format is UTF-8, with or without a byte-order mark.</summary>
public enum DatasetFormat
{
    /// <summary>One long text.</summary>
    Text,

    /// <summary>One sequence a line; blank lines are skipped.</summary>
    Lines,

    /// <summary>Comma-separated values (RFC 4180): quoted fields, doubled quotes, line breaks within quotes.</summary>
    Csv,

    /// <summary>Tab-separated values (IANA text/tab-separated-values): no quoting, a quote is a character.</summary>
    Tsv,

    /// <summary>One JSON object a line, with a string member for the text and one for the label.</summary>
    Jsonl,
}
