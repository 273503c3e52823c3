using System.Text.Unicode;
using SequenceModels.Data;

namespace SequenceModels.Tests.Data;

public sealed class DatasetMemoryTests
{
    private const long Bytes = 200L * 1024 * 1024;
    private const long AllowedBytes = 64L * 1024 * 1024;

    // All that the check allocates, garbage included, so whatever the collector does, it cannot need more than that.
    [Theory]
    [Trait("Category", "RealData")]
    [InlineData(DatasetFormat.Text)]
    [InlineData(DatasetFormat.Lines)]
    [InlineData(DatasetFormat.Csv)]
    [InlineData(DatasetFormat.Tsv)]
    [InlineData(DatasetFormat.Jsonl)]
    public void Checking_200_MB_of_different_short_rows_allocates_less_than_64_MB(DatasetFormat format)
    {
        RowWriter writer = (index, destination) =>
        {
            var length = 0;
            _ = format switch
            {
                DatasetFormat.Csv when index == 0 => Utf8.TryWrite(destination, $"text,label\n", out length),
                DatasetFormat.Tsv when index == 0 => Utf8.TryWrite(destination, $"text\tlabel\n", out length),
                DatasetFormat.Csv => Utf8.TryWrite(destination, $"\"row \"\"{index}\"\", é\",label {index % 7}\r\n", out length),
                DatasetFormat.Tsv => Utf8.TryWrite(destination, $"row \"{index}\", é\tlabel {index % 7}\n", out length),
                DatasetFormat.Jsonl => Utf8.TryWrite(destination, $"{{\"text\":\"row \\\"{index}\\\"\",\"label\":\"label {index % 7}\",\"id\":{index}}}\n", out length),
                _ => Utf8.TryWrite(destination, $"row {index} é\n", out length),
            };
            return length;
        };
        var rowBytes = writer(10_000_000, new byte[1000]);
        using var content = new GeneratedStream(Bytes / rowBytes + 1_000_000, writer);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var inspection = DatasetInspector.Inspect(content, new DatasetOptions(format), CancellationToken.None);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(content.BytesRead > Bytes, $"Only {content.BytesRead} bytes were made.");
        Assert.Equal(0, inspection.FaultCount);
        Assert.InRange(allocated, 1, AllowedBytes);
    }
}
