using System.Text;
using System.Text.RegularExpressions;
using SequenceModels.Data;

namespace SequenceModels.Tests.Data;

/// <summary>Each code of a fault or warning, in each format where it can occur, has the line of the file where its row starts; docs/datasets.md lists them all.</summary>
public sealed partial class DatasetCodeTests
{
    public static TheoryData<string, DatasetFormat, int> Faults => Cases(DatasetCodeCases.Faults);

    public static TheoryData<string, DatasetFormat, int> Warnings => Cases(DatasetCodeCases.Warnings);

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_has_the_line_where_it_is_whatever_ends_the_lines(string code, DatasetFormat format, int index)
    {
        var found = DatasetCodeCases.Faults.Where(one => one.Code == code && one.Options.Format == format).ElementAt(index);
        foreach (var content in Variants(found.Content))
        {
            Assert.Equal([$"{found.Line} {code}"], found.Options.Inspect(content).Faults.Brief());
        }
    }

    [Theory]
    [MemberData(nameof(Warnings))]
    public void A_warning_has_the_line_where_it_is_whatever_ends_the_lines(string code, DatasetFormat format, int index)
    {
        var found = DatasetCodeCases.Warnings.Where(one => one.Code == code && one.Options.Format == format).ElementAt(index);
        foreach (var content in Variants(found.Content))
        {
            var inspection = found.Options.Inspect(content);
            Assert.Equal(0, inspection.FaultCount);
            Assert.Equal([$"{found.Line} {code}"], inspection.Warnings.Where(warning => warning.Code == code).Brief());
        }
    }

    [Fact]
    public void Every_code_is_tested_and_told_in_docs_datasets_with_the_formats_where_it_can_occur()
    {
        string[] documented = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Documents", "datasets.md"))
            .Select(line => CodeRow().Match(line))
            .Where(row => row.Success)
            .Select(row => $"{row.Groups[1].Value}: {row.Groups[2].Value}")
            .Order(StringComparer.Ordinal)];
        var tested = DatasetCodeCases.Faults.Concat(DatasetCodeCases.Warnings)
            .GroupBy(one => one.Code, one => one.Options.Format.ToString().ToLowerInvariant())
            .Select(code => $"{code.Key}: {string.Join(", ", code.Distinct())}")
            // Those that no file has, or that take a disk without room: DatasetStoreTests, RepeatedTextsTests.
            .Concat(["lineBreak: lines of a request", "duplicatesNotAllChecked: lines, csv, tsv, jsonl"])
            .Order(StringComparer.Ordinal);
        Assert.Equal(tested, documented);
        Assert.Equal(
            Constants(typeof(DatasetFaultCode)).Concat(Constants(typeof(DatasetWarningCode))).Order(StringComparer.Ordinal),
            documented.Select(row => row[..row.IndexOf(':', StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    private static TheoryData<string, DatasetFormat, int> Cases(IEnumerable<DatasetCodeCase> cases)
    {
        var data = new TheoryData<string, DatasetFormat, int>();
        foreach (var group in cases.GroupBy(one => (one.Code, one.Options.Format)))
        {
            for (var index = 0; index < group.Count(); index++)
            {
                data.Add(group.Key.Code, group.Key.Format, index);
            }
        }

        return data;
    }

    /// <summary>As it is, with a byte-order mark, and with the other line ends.</summary>
    private static IEnumerable<byte[]> Variants(string content)
    {
        yield return Bytes(content);
        yield return Bytes("\uFEFF" + content);
        yield return Bytes(content.Replace("\n", "\r\n", StringComparison.Ordinal));
        yield return Bytes("\uFEFF" + content.Replace('\n', '\r'));
    }

    private static byte[] Bytes(string content)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        bytes.AsSpan().Replace((byte)DatasetCodeCases.BadByte, (byte)0xFF);
        return bytes;
    }

    private static IEnumerable<string> Constants(Type codes) => codes.GetFields().Select(field => (string)field.GetRawConstantValue()!);

    [GeneratedRegex("^\\| `([A-Za-z]+)` \\| ([a-z, ]+) \\| .+ \\| .+ \\|$")]
    private static partial Regex CodeRow();
}
