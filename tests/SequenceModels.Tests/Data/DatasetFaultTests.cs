using System.Text;
using SequenceModels.Data;

namespace SequenceModels.Tests.Data;

public sealed class DatasetFaultTests
{
    private static readonly DatasetOptions s_text = new(DatasetFormat.Text);
    private static readonly DatasetOptions s_lines = new(DatasetFormat.Lines);
    private static readonly DatasetOptions s_csv = new(DatasetFormat.Csv);
    private static readonly DatasetOptions s_tsv = new(DatasetFormat.Tsv);
    private static readonly DatasetOptions s_jsonl = new(DatasetFormat.Jsonl);

    [Theory]
    [InlineData(new byte[] { 0xFF }, 1)]                                    // never part of UTF-8
    [InlineData(new byte[] { (byte)'a', (byte)'\n', 0xE9, (byte)'b' }, 2)]  // Latin-1
    [InlineData(new byte[] { (byte)'a', (byte)'\n', (byte)'\n', 0xC3 }, 3)] // cut off at the end
    [InlineData(new byte[] { 0xC0, 0x80 }, 1)]                              // overlong
    [InlineData(new byte[] { (byte)'\r', 0xED, 0xA0, 0x80 }, 2)]            // half a surrogate pair
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 }, 1)]                  // beyond U+10FFFF
    public void Bytes_that_are_not_UTF8_are_a_fault_of_their_line(byte[] content, long line)
    {
        var fault = s_lines.SingleFault(content);
        Assert.Equal((line, "invalidEncoding"), (fault.Line, fault.Code));
        Assert.Equal(fault, s_text.SingleFault(content));
    }

    [Fact]
    public void Invalid_bytes_are_found_at_any_place_of_a_long_file()
    {
        for (var line = 9_350; line < 9_380; line++)        // about where the first block of 64 KiB ends
        {
            var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, 20_000).Select(i => i == line ? "abcd~é\n" : "abcdé\r\n")));
            content[Array.IndexOf(content, (byte)'~')] = 0x80;
            Assert.Equal(line, s_lines.SingleFault(content).Line);
        }
    }

    [Fact]
    public void A_file_in_UTF16_is_called_that()
    {
        var fault = s_lines.Inspect([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("Allosaurus\n")]).Faults[0];
        Assert.Equal((1, "invalidEncoding"), (fault.Line, fault.Code));
        Assert.Contains("UTF-16", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_is_told_in_the_singular()
    {
        Assert.Equal("The row has 1 column instead of 2.", s_csv.SingleFault("text,label\na,x\nb\n").Message);
        Assert.Equal("The row has 3 columns instead of 2.", s_csv.SingleFault("text,label\na,x\nb,x,y\n").Message);
        string[] warnings = [.. s_csv.Inspect("text,label\na,x\nb,x\nc,X\n").Warnings.Select(warning => warning.Message)];
        Assert.Contains("The label 'X' has 1 row; fewer than 5 are too few to learn from.", warnings);
        Assert.Contains("The label 'x' has 2 rows; fewer than 5 are too few to learn from.", warnings);
        Assert.Contains("The label 'X' (1 row) and 'x' of line 2 (2 rows) differ in case or white space only; they are two labels.", warnings);
        Assert.StartsWith("The dataset has 1 fault; the first, in line 3:", Assert.Throws<InvalidDataException>(() => s_csv.Read("text,label\na,x\nb\n")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_NUL_is_a_fault_of_its_line()
    {
        Assert.Equal(["2 nulCharacter", "4 nulCharacter"], s_lines.Inspect("a\nb\0\0c\nd\n\0").Faults.Brief());
        Assert.Equal(["1 nulCharacter"], s_text.Inspect("a\0b").Faults.Brief());
        Assert.Equal(["2 nulCharacter"], s_jsonl.Inspect("{\"text\":\"a\",\"label\":\"b\"}\n{\"text\":\"a\\u0000\",\"label\":\"b\"}").Faults.Brief());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    [InlineData("\n \r\n\t\n")]
    public void A_file_without_text_is_a_fault_in_every_format(string content)
    {
        foreach (var format in Enum.GetValues<DatasetFormat>())
        {
            if (format is DatasetFormat.Csv or DatasetFormat.Tsv && content.Contains('\n', StringComparison.Ordinal))
            {
                continue;       // a line of blanks is a header of another name there
            }

            Assert.Equal(["1 noData"], new DatasetOptions(format).Inspect(content).Faults.Brief());
        }
    }

    [Fact]
    public void A_header_alone_is_no_data()
    {
        Assert.Equal(["1 noData"], s_csv.Inspect("text,label\n").Faults.Brief());
        Assert.Equal(["1 noData"], s_tsv.Inspect("text\tlabel").Faults.Brief());
    }

    [Fact]
    public void A_missing_column_is_named_with_those_that_are_there()
    {
        var fault = s_csv.SingleFault("\nreview,label\ngood,1\n");
        Assert.Equal((2, "missingColumn"), (fault.Line, fault.Code));
        Assert.Contains("'text'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("review, label", fault.Message, StringComparison.Ordinal);

        Assert.Equal(["1 missingColumn", "1 missingColumn"], s_tsv.Inspect("Text\tLabel\na\tb\n").Faults.Brief());
        Assert.Equal(["1 missingColumn"], new DatasetOptions(DatasetFormat.Csv, Header: false, LabelColumn: "3").Inspect("a,b\n").Faults.Brief());
    }

    [Fact]
    public void A_column_that_is_there_twice_or_meant_twice_is_a_fault()
    {
        Assert.Equal(["1 duplicateColumn"], s_csv.Inspect("text,label,text\na,b,c\n").Faults.Brief());
        Assert.Equal(["1 duplicateColumn"], new DatasetOptions(DatasetFormat.Csv, LabelColumn: "text").Inspect("text,label\na,b\n").Faults.Brief());
    }

    [Fact]
    public void Rows_with_another_number_of_columns_are_faults_of_the_line_where_they_start() =>
        Assert.Equal(
            ["2 wrongColumnCount", "5 wrongColumnCount", "7 wrongColumnCount"],
            s_csv.Inspect("text,label\nalone\n\"two\nlines\",x\n\"three\nparts\",x,y\na,b,\nc,d\n").Faults.Brief());

    [Fact]
    public void Empty_texts_and_labels_are_faults()
    {
        Assert.Equal(["2 emptyText", "3 emptyLabel", "4 emptyText", "4 emptyLabel"], s_csv.Inspect("text,label\n,x\na,\n\" \",\t\nb,y\n").Faults.Brief());
        Assert.Equal(["1 emptyText", "2 emptyLabel"], s_jsonl.Inspect("{\"text\":\"\",\"label\":\"x\"}\n{\"text\":\"a\",\"label\":\"\\u3000\"}").Faults.Brief());
    }

    [Fact]
    public void Quotes_that_do_not_match_are_faults()
    {
        Assert.Equal(["3 badQuotes"], s_csv.Inspect("text,label\na,x\n\"b\"c,x\nd,x\n").Faults.Brief());
        Assert.Equal(["3 badQuotes", "3 wrongColumnCount"], s_csv.Inspect("text,label\na,x\n\"b,x\nd,x\n").Faults.Brief());
    }

    [Theory]
    [InlineData("nonsense", "invalidJson")]
    [InlineData("[\"a\",\"b\"]", "invalidJson")]
    [InlineData("{\"text\":\"a\",\"label\":\"b\"", "invalidJson")]
    [InlineData("{\"text\":\"a\",\"label\":\"b\"} {}", "invalidJson")]
    [InlineData("{\"text\":\"a\",\"label\":\"b\",}", "invalidJson")]
    [InlineData("{\"text\":\"a\",\"text\":\"c\",\"label\":\"b\"}", "invalidJson")]
    [InlineData("{\"text\":\"\\ud800\",\"label\":\"b\"}", "invalidJson")]
    [InlineData("{\"label\":\"b\"}", "missingMember")]
    [InlineData("{\"text\":\"a\"}", "missingMember")]
    [InlineData("{\"text\":\"a\",\"label\":null}", "missingMember")]
    [InlineData("{\"text\":\"a\",\"label\":1}", "wrongType")]
    [InlineData("{\"text\":{\"x\":[1]},\"label\":\"b\"}", "wrongType")]
    public void A_line_that_is_not_such_an_object_is_a_fault(string row, string code)
    {
        var fault = s_jsonl.SingleFault("{\"text\":\"a\",\"label\":\"b\"}\n\n" + row + "\n{\"text\":\"c\",\"label\":\"b\"}\n");
        Assert.Equal((3, code), (fault.Line, fault.Code));
    }

    [Fact]
    public void Deeply_nested_json_is_a_fault_and_no_crash() =>
        Assert.Equal("invalidJson", s_jsonl.SingleFault("{\"x\":" + new string('[', 100_000)).Code);

    [Fact]
    public void A_row_over_one_mebibyte_is_a_fault_in_every_format_that_has_rows()
    {
        var fits = new string('a', DatasetLimits.RowBytes);
        Assert.Equal(0, s_lines.Inspect(fits + "\nb\n").FaultCount);
        Assert.Equal(["2 rowTooLong"], s_lines.Inspect("b\n" + fits + "a\nc\n").Faults.Brief());
        Assert.Equal(["1 rowTooLong"], s_jsonl.Inspect($"{{\"text\":\"{fits}\",\"label\":\"b\"}}\n").Faults.Brief());
        Assert.Equal(["3 rowTooLong"], s_tsv.Inspect($"text\tlabel\na\tb\n{fits}\tb\n").Faults.Brief());
        Assert.Equal(["3 rowTooLong"], s_csv.Inspect($"text,label\na,b\n\"{fits}\",b\n").Faults.Brief());
        Assert.Equal(0, s_text.Inspect(fits + fits).FaultCount);
    }

    [Fact]
    public void A_quote_that_is_never_closed_ends_the_reading_at_the_row_limit()
    {
        var fault = s_csv.SingleFault("text,label\n\"open,b\n" + string.Concat(Enumerable.Repeat("a line of text,b\n", 400_000)));
        Assert.Equal((2, "rowTooLong"), (fault.Line, fault.Code));
        Assert.Contains("quote", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_or_too_long_labels_are_faults()
    {
        var labels = string.Concat(Enumerable.Range(1, 10_050).Select(i => $"text {i},label {i}\n"));
        var inspection = s_csv.Inspect("text,label\n" + labels);
        Assert.Equal(["10002 tooManyLabels"], inspection.Faults.Brief());
        Assert.Equal(10_000, inspection.Statistics.Labels.Count);

        Assert.Equal(["2 labelTooLong"], s_csv.Inspect("text,label\na," + new string('x', 257) + "\n").Faults.Brief());
        Assert.Equal(0, s_csv.Inspect("text,label\na," + new string('x', 256) + "\n").FaultCount);
    }

    [Fact]
    public void Too_many_or_too_long_column_names_are_faults()
    {
        Assert.Equal(["1 tooManyColumns"], s_csv.Inspect("text,label" + new string(',', 999) + "\n").Faults.Brief());
        Assert.Equal(["1 columnNameTooLong"], s_csv.Inspect("text,label," + new string('x', 257) + "\n").Faults.Brief());
        Assert.Equal(["1 columnNameTooLong"], s_jsonl.Inspect("{\"text\":\"a\",\"label\":\"b\",\"" + new string('x', 257) + "\":1}\n").Faults.Brief());

        var members = string.Concat(Enumerable.Range(1, 1_010).Select(i => $",\"m{i}\":{i}"));
        var inspection = s_jsonl.Inspect("{\"text\":\"a\",\"label\":\"b\"" + members + "}\n");
        Assert.Equal(["1 tooManyColumns"], inspection.Faults.Brief());
        Assert.Equal(1_000, inspection.Statistics.UnusedColumns.Count);
    }

    [Fact]
    public void The_first_hundred_faults_are_told_in_the_order_of_lines_and_all_are_counted()
    {
        var rows = string.Concat(Enumerable.Range(2, 500).Select(line => line % 2 == 0 ? ",x\n" : "\0,x\n"));
        var inspection = s_csv.Inspect("text,label\n" + rows);
        Assert.Equal(500, inspection.FaultCount);
        Assert.Equal(Enumerable.Range(2, 100).Select(line => (long)line), inspection.Faults.Select(fault => fault.Line));
    }

    [Fact]
    public void A_check_can_be_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        using var content = new MemoryStream("a\n"u8.ToArray());
        Assert.Throws<OperationCanceledException>(() => DatasetInspector.Inspect(content, s_lines, cancelled.Token));
    }
}
