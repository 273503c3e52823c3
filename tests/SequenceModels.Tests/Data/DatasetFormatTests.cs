using SequenceModels.Data;

namespace SequenceModels.Tests.Data;

public sealed class DatasetFormatTests
{
    private static readonly DatasetOptions s_text = new(DatasetFormat.Text);
    private static readonly DatasetOptions s_lines = new(DatasetFormat.Lines);
    private static readonly DatasetOptions s_csv = new(DatasetFormat.Csv);
    private static readonly DatasetOptions s_tsv = new(DatasetFormat.Tsv);
    private static readonly DatasetOptions s_jsonl = new(DatasetFormat.Jsonl);

    [Theory]
    [InlineData("one\ntwo\nthree\n")]
    [InlineData("one\ntwo\nthree")]
    [InlineData("one\r\ntwo\r\nthree\r\n")]
    [InlineData("one\rtwo\rthree\r")]
    [InlineData("\uFEFFone\n\ntwo\n  \t\nthree\n\n\n")]
    public void Lines_end_with_any_line_end_and_blank_ones_are_skipped(string content) =>
        Assert.Equal(["one", "two", "three"], s_lines.ReadLines(content));

    [Fact]
    public void Spaces_within_a_line_and_around_it_are_kept() =>
        Assert.Equal(["  a  b ", "c"], s_lines.ReadLines("  a  b \nc"));

    [Fact]
    public void A_text_is_one_sequence_with_LF_as_its_line_end()
    {
        var data = Assert.IsType<TrainingData.ContinuousText>(s_text.Read("\uFEFFa\r\n\r\nb\rc\n"));
        Assert.Equal("a\n\nb\nc\n", data.Text);
    }

    [Fact]
    public void Csv_knows_quotes_doubled_quotes_commas_and_line_breaks_within_quotes()
    {
        var rows = s_csv.ReadLabelled("text,label\n\"He said \"\"no\"\", twice\",negative\n\"two\r\nlines\",\"positive\"\nplain text,positive\n");
        Assert.Equal(
            [new("He said \"no\", twice", "negative"), new("two\nlines", "positive"), new("plain text", "positive")],
            rows);
    }

    [Fact]
    public void Tsv_knows_no_quotes()
    {
        var rows = s_tsv.ReadLabelled("label\ttext\r\n0\t\"open quote\r\n1\ta \"b\" \"\"c\"\"\\t\r\n");
        Assert.Equal([new("\"open quote", "0"), new("a \"b\" \"\"c\"\"\\t", "1")], rows);
    }

    [Fact]
    public void Json_lines_hold_a_text_and_a_label()
    {
        var rows = s_jsonl.ReadLabelled("{\"label\":\"x\",\"text\":\"tab\\t \\u00e9 \\ud83d\\ude00\"}\n\n{ \"text\" : \"é\", \"id\": [1, {\"a\": 2}], \"label\" : \"y\" }");
        Assert.Equal([new("tab\t é 😀", "x"), new("é", "y")], rows);
    }

    [Theory]
    [InlineData(DatasetFormat.Csv, "id,review,stars\n7,good,5\n", "review", "stars")]
    [InlineData(DatasetFormat.Tsv, "id\treview\tstars\n7\tgood\t5\n", "review", "stars")]
    [InlineData(DatasetFormat.Jsonl, "{\"id\":7,\"review\":\"good\",\"stars\":\"5\"}\n", "review", "stars")]
    public void Columns_may_be_named(DatasetFormat format, string content, string text, string label)
    {
        var options = new DatasetOptions(format, TextColumn: text, LabelColumn: label);
        Assert.Equal([new("good", "5")], options.ReadLabelled(content));
        Assert.Equal(["id"], options.Inspect(content).Statistics.UnusedColumns);
    }

    [Fact]
    public void Without_a_header_columns_are_numbered_from_1_and_text_comes_first_unless_said_otherwise()
    {
        Assert.Equal([new("good", "5"), new("bad", "1")], new DatasetOptions(DatasetFormat.Csv, Header: false).ReadLabelled("good,5,x\nbad,1,y\n"));

        var named = new DatasetOptions(DatasetFormat.Tsv, Header: false, TextColumn: "3", LabelColumn: "1");
        Assert.Equal([new("x", "good")], named.ReadLabelled("good\t5\tx"));
        Assert.Equal(["2"], named.Inspect("good\t5\tx").Statistics.UnusedColumns);
    }

    [Fact]
    public void Blank_lines_between_rows_are_skipped_and_keep_their_place_in_the_line_count()
    {
        const string Content = "\n\ntext,label\n\na,x\n\n\n,y\n\n";
        var fault = s_csv.SingleFault(Content);
        Assert.Equal((8, "emptyText"), (fault.Line, fault.Code));
    }

    [Fact]
    public void Reading_faulty_data_names_the_first_fault()
    {
        var exception = Assert.Throws<InvalidDataException>(() => s_csv.Read("text,label\na,x\n,y\n,z\n"));
        Assert.Contains("2 faults", exception.Message, StringComparison.Ordinal);
        Assert.Contains("line 3", exception.Message, StringComparison.Ordinal);
    }
}
