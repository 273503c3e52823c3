using SequenceModels.Data;

namespace SequenceModels.Tests.Data;

/// <summary>A dataset with one finding.</summary>
internal sealed record DatasetCodeCase(string Code, DatasetOptions Options, long Line, string Content);

/// <summary>The table of codes, formats, contents and lines.</summary>
internal static class DatasetCodeCases
{
    /// <summary>Stands for a byte that is never part of UTF-8.</summary>
    public const char BadByte = '~';

    /// <summary>Where the row behind <see cref="Lead"/> starts.</summary>
    private const long Next = 5;

    private static readonly string s_long = new('a', DatasetLimits.RowBytes + 1);
    private static readonly string s_veryLong = new('é', DatasetLimits.LongRowCharacters + 1);
    private static readonly string s_outlying = new('é', DatasetLimits.OutlierCharacters + 1);
    private static readonly DatasetOptions s_text = new(DatasetFormat.Text);
    private static readonly DatasetOptions s_lines = new(DatasetFormat.Lines);
    private static readonly DatasetOptions s_csv = new(DatasetFormat.Csv);
    private static readonly DatasetOptions s_tsv = new(DatasetFormat.Tsv);
    private static readonly DatasetOptions s_jsonl = new(DatasetFormat.Jsonl);
    private static readonly DatasetOptions[] s_labelled = [s_csv, s_tsv, s_jsonl];
    private static readonly DatasetOptions[] s_rows = [s_lines, s_csv, s_tsv, s_jsonl];

    public static IReadOnlyList<DatasetCodeCase> Faults { get; } =
    [
        new(DatasetFaultCode.InvalidEncoding, s_text, 3, "a\n\nb~c\n"),
        .. s_rows.Select(options => new DatasetCodeCase(DatasetFaultCode.InvalidEncoding, options, Next, Lead(options) + Row(options, "a~", "x"))),
        new(DatasetFaultCode.InvalidEncoding, s_csv, 3, "text,label\n\"a\nb~\",x\n"),       // the line of the byte, not of its row
        new(DatasetFaultCode.NulCharacter, s_text, 3, "a\n\nb\0c\n"),
        .. s_rows.Select(options => new DatasetCodeCase(DatasetFaultCode.NulCharacter, options, Next, Lead(options) + Row(options, "a\0", "x"))),
        new(DatasetFaultCode.NulCharacter, s_csv, 3, "text,label\n\"a\nb\0\",x\n"),
        new(DatasetFaultCode.NulCharacter, s_jsonl, Next, Lead(s_jsonl) + Row(s_jsonl, "a\\u0000", "x")),

        new(DatasetFaultCode.MissingColumn, s_csv, 2, "\ntext,\"la\nbel\"\na,x\n"),
        new(DatasetFaultCode.MissingColumn, s_csv with { Header = false, LabelColumn = "3" }, 1, "a,x\nb,y\n"),
        new(DatasetFaultCode.MissingColumn, s_tsv, 3, "\n\ntext\tLabel\na\tx\n"),
        new(DatasetFaultCode.DuplicateColumn, s_csv, 2, "\ntext,label,text\na,x,b\n"),
        new(DatasetFaultCode.DuplicateColumn, s_csv with { LabelColumn = "text" }, 1, "text,label\na,x\n"),
        new(DatasetFaultCode.DuplicateColumn, s_tsv, 2, "\ntext\tlabel\tlabel\na\tx\ty\n"),
        new(DatasetFaultCode.DuplicateColumn, s_jsonl with { TextColumn = "label" }, 1, Row(s_jsonl, "a", "x")),
        new(DatasetFaultCode.ColumnNameTooLong, s_csv, 2, $"\ntext,label,{new string('x', 257)}\na,x,\n"),
        new(DatasetFaultCode.ColumnNameTooLong, s_tsv, 2, $"\ntext\tlabel\t{new string('x', 257)}\na\tx\t\n"),
        new(DatasetFaultCode.ColumnNameTooLong, s_jsonl, Next, $"{Lead(s_jsonl)}{{\"text\":\"a\",\"{new string('x', 257)}\":1,\"label\":\"x\"}}\n"),
        new(DatasetFaultCode.TooManyColumns, s_csv, 2, $"\ntext,label{new string(',', 999)}\na,x\n"),
        new(DatasetFaultCode.TooManyColumns, s_tsv, 2, $"\ntext\tlabel{new string('\t', 999)}\na\tx\n"),
        new(DatasetFaultCode.TooManyColumns, s_jsonl, Next, $"{Lead(s_jsonl)}{{\"text\":\"a\",\"label\":\"x\"{string.Concat(Enumerable.Range(0, 1001).Select(i => $",\"m{i}\":1"))}}}\n"),
        new(DatasetFaultCode.WrongColumnCount, s_csv, Next, Lead(s_csv) + "\"a\nb\",x,y\nc,x\n"),
        new(DatasetFaultCode.WrongColumnCount, s_tsv, Next, Lead(s_tsv) + "a\nc\tx\n"),
        new(DatasetFaultCode.BadQuotes, s_csv, Next, Lead(s_csv) + "\"a\nb\"c,x\nd,x\n"),

        new(DatasetFaultCode.InvalidJson, s_jsonl, Next, Lead(s_jsonl) + "[\"a\"]\n"),
        new(DatasetFaultCode.InvalidJson, s_jsonl, Next, Lead(s_jsonl) + "{\"text\":\"a\",\"label\":\"x\"\n"),
        new(DatasetFaultCode.InvalidJson, s_jsonl, Next, Lead(s_jsonl) + "{\"text\":\"a\",\"text\":\"b\",\"label\":\"x\"}\n"),
        new(DatasetFaultCode.InvalidJson, s_jsonl, Next, Lead(s_jsonl) + Row(s_jsonl, "\\ud800", "x")),
        new(DatasetFaultCode.MissingMember, s_jsonl, Next, Lead(s_jsonl) + "{\"text\":\"a\"}\n"),
        new(DatasetFaultCode.MissingMember, s_jsonl, Next, Lead(s_jsonl) + "{\"text\":null,\"label\":\"x\"}\n"),
        new(DatasetFaultCode.WrongType, s_jsonl, Next, Lead(s_jsonl) + "{\"text\":\"a\",\"label\":1}\n"),

        .. s_labelled.Select(options => new DatasetCodeCase(DatasetFaultCode.EmptyText, options, Next, Lead(options) + Row(options, " \u3000", "x"))),
        .. s_labelled.Select(options => new DatasetCodeCase(DatasetFaultCode.EmptyLabel, options, Next, Lead(options) + Row(options, "a", ""))),
        new(DatasetFaultCode.EmptyLabel, s_csv, Next, Lead(s_csv) + "\"a\n\nb\",\nc,x\n"),
        .. s_labelled.Select(options => new DatasetCodeCase(DatasetFaultCode.LabelTooLong, options, Next, Lead(options) + Row(options, "a", new string('é', 129)))),
        .. s_labelled.Select(options => new DatasetCodeCase(DatasetFaultCode.TooManyLabels, options, 10_004,
            Lead(options) + string.Concat(Enumerable.Range(0, 10_001).Select(i => Row(options, $"a{i}", $"{i}"))))),
        .. s_rows.Select(options => new DatasetCodeCase(DatasetFaultCode.RowTooLong, options, Next, Lead(options) + Row(options, s_long, "x"))),
        new(DatasetFaultCode.RowTooLong, s_csv, Next, Lead(s_csv) + "\"never closed,x\n" + string.Concat(Enumerable.Repeat("a line of text,x\n", 140_000))),
        new(DatasetFaultCode.NoData, s_text, 1, "\n \n"),
        new(DatasetFaultCode.NoData, s_lines, 1, "\n \n"),
        new(DatasetFaultCode.NoData, s_csv, 1, "\ntext,label\n\n"),
        new(DatasetFaultCode.NoData, s_tsv, 1, "\ntext\tlabel\n"),
        new(DatasetFaultCode.NoData, s_jsonl, 1, "\n\n"),
    ];

    public static IReadOnlyList<DatasetCodeCase> Warnings { get; } =
    [
        .. s_rows.Select(options => new DatasetCodeCase(DatasetWarningCode.DuplicateText, options, 7, Lead(options) + Row(options, "a", "x") + Row(options, "b", "x") + Row(options, "a", "x"))),
        new(DatasetWarningCode.DuplicateText, s_csv, Next, Lead(s_csv) + "\"first\nrow\",x\n"),
        .. s_labelled.Select(options => new DatasetCodeCase(DatasetWarningCode.ConflictingLabel, options, 7, Lead(options) + Row(options, "a", "x") + Row(options, "b", "x") + Row(options, "a", "y"))),
        .. s_rows.Select(options => new DatasetCodeCase(DatasetWarningCode.VeryLongRow, options, Next, Lead(options) + Row(options, s_veryLong, "x"))),
        .. s_rows.Select(options => new DatasetCodeCase(DatasetWarningCode.OutlyingLength, options, 24,
            Lead(options) + string.Concat(Enumerable.Range(0, 19).Select(i => Row(options, $"a{i}", "x"))) + Row(options, s_outlying, "x") + Row(options, "b", "x"))),
        new(DatasetWarningCode.StrayQuote, s_csv, Next, Lead(s_csv) + "a 5\" pipe,x\n"),
        .. s_labelled.Select(options => new DatasetCodeCase(DatasetWarningCode.RareLabel, options, 6,
            Lead(options) + Row(options, "a", "x") + Row(options, "b", "y") + Row(options, "c", "y") + string.Concat(Enumerable.Range(0, 4).Select(i => Row(options, $"d{i}", "x"))))),
        .. s_labelled.Select(options => new DatasetCodeCase(DatasetWarningCode.SingleLabel, options, 2 - (options == s_jsonl ? 1 : 0), Lead(options) + Row(options, "a", "x"))),
        .. s_labelled.Select(options => new DatasetCodeCase(DatasetWarningCode.SimilarLabels, options, 6, Lead(options) + Row(options, "a", "y") + Row(options, "b", " X") + Row(options, "c", " X"))),
    ];

    /// <summary>Four lines with one row.</summary>
    private static string Lead(DatasetOptions options) => options.Format switch
    {
        DatasetFormat.Lines => "first\n\n\n\n",
        DatasetFormat.Csv => "text,label\n\"first\nrow\",x\n\n",
        DatasetFormat.Tsv => "text\tlabel\nfirst\tx\n\n\n",
        _ => "{\"text\":\"first\",\"label\":\"x\"}\n\n\n\n",
    };

    private static string Row(DatasetOptions options, string text, string label) => options.Format switch
    {
        DatasetFormat.Lines => text + "\n",
        DatasetFormat.Csv => $"{text},{label}\n",
        DatasetFormat.Tsv => $"{text}\t{label}\n",
        _ => $"{{\"text\":\"{text}\",\"label\":\"{label}\"}}\n",
    };
}
