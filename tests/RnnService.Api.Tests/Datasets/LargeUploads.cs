using System.Globalization;
using System.Text;

namespace RnnService.Api.Tests.Datasets;

/// <summary>Blocks of large datasets, each at least one mebibyte of different rows.</summary>
internal static class LargeUploads
{
    /// <summary>The first row of the formats that have one.</summary>
    public static byte[] Header(string format) => format switch
    {
        "csv" => "text,label\n"u8.ToArray(),
        "tsv" => "text\tlabel\n"u8.ToArray(),
        _ => [],
    };

    /// <summary>Rows of some 20 bytes; <c>text</c> in lines of some thousand.</summary>
    public static byte[] Block(int number, string format)
    {
        var rows = new StringBuilder();
        for (var row = 0; rows.Length < 1 << 20; row++)
        {
            _ = format switch
            {
                "csv" => rows.Append(CultureInfo.InvariantCulture, $"row {row} of {number},l{row % 3}\n"),
                "tsv" => rows.Append(CultureInfo.InvariantCulture, $"row {row} of {number}\tl{row % 3}\n"),
                "jsonl" => rows.Append(CultureInfo.InvariantCulture, $"{{\"text\":\"row {row} of {number}\",\"label\":\"l{row % 3}\"}}\n"),
                "text" => rows.Append(CultureInfo.InvariantCulture, $"word{row} and w{number}{(row % 200 == 0 ? '\n' : ' ')}"),
                _ => rows.Append(CultureInfo.InvariantCulture, $"row {row} of block {number}\n"),
            };
        }

        return Encoding.UTF8.GetBytes(rows.ToString());
    }

    public static byte[] ShortLines(int number) => Block(number, "lines");
}
