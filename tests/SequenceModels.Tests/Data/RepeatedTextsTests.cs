using System.Text;
using SequenceModels.Data;
using SequenceModels.Randomness;

namespace SequenceModels.Tests.Data;

public sealed class RepeatedTextsTests
{
    [Theory]
    [InlineData(1_000_000, 5_000, 4_000)]       // all fit in memory
    [InlineData(100, 5_000, 3_000)]             // parts of the file that fit
    [InlineData(500, 700_000, 500_000)]         // parts of several blocks that are read in shares
    public void All_repetitions_are_found_however_few_texts_fit_in_memory(int most, int rows, int different)
    {
        using var repeated = new RepeatedTexts(() => new MemoryStream(), most, CancellationToken.None);
        var random = new CounterRandom(7, RandomPurpose.Split);
        var known = new Dictionary<int, Repetition>();
        var (expected, found) = (new List<Repetition>(), new List<Repetition>());
        for (var line = 1; line <= rows; line++)
        {
            var text = (int)(random.Word(line) % (uint)different);
            var label = line % 3;
            if (repeated.Add(Encoding.UTF8.GetBytes($"text {text}"), line, label) is { } repetition)
            {
                found.Add(repetition);
            }

            if (known.TryGetValue(text, out var first))
            {
                expected.Add(new Repetition(line, label, first.Line, first.Label));
            }
            else
            {
                known.Add(text, new Repetition(line, label, 0, 0));
            }
        }

        var (count, late) = repeated.Complete(100);
        Assert.Equal(expected.Count, found.Count + count);
        Assert.Equal(expected.Take(100), found.Concat(late).OrderBy(repetition => repetition.Line).Take(100));
        Assert.Equal(0, repeated.FirstNotCompared);
    }

    [Fact]
    public void One_text_repeated_without_end_is_read_once_more_and_no_further()
    {
        using var scratch = new CountedStream();
        using var repeated = new RepeatedTexts(() => scratch, 10, CancellationToken.None);
        for (var line = 1; line <= 10; line++)
        {
            repeated.Add(Encoding.UTF8.GetBytes($"{line}"), line, 0);
        }

        for (var line = 11; line <= 200_000; line++)
        {
            Assert.Null(repeated.Add("again"u8, line, 0));
        }

        var (count, first) = repeated.Complete(2);
        Assert.Equal(199_989, count);
        Assert.Equal([new(12, 0, 11, 0), new(13, 0, 11, 0)], first);
        Assert.InRange(scratch.BytesRead, 1, 2 * scratch.Length);
    }

    [Fact]
    public void Texts_beyond_memory_are_compared_in_a_file_that_is_gone_afterwards()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var inspection = Inspect(Rows(DatasetLimits.RememberedTexts + 300_000, "row 5", "row 650000"), () => new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.DeleteOnClose));
        Assert.Equal([$"{DatasetLimits.RememberedTexts + 300_001} duplicateText", $"{DatasetLimits.RememberedTexts + 300_002} duplicateText"], inspection.Warnings.Brief());
        Assert.Contains("line 6.", inspection.Warnings[0].Message, StringComparison.Ordinal);
        Assert.Contains("line 650001.", inspection.Warnings[1].Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(100_000)]
    public void Without_room_for_the_file_a_warning_says_what_was_not_compared(long room)
    {
        var inspection = Inspect(Rows(DatasetLimits.RememberedTexts + 300_000, "row 5", "row 650000"), () => room < 0 ? throw new IOException("full") : new SmallStream(room));
        Assert.Equal([$"{DatasetLimits.RememberedTexts + 1} duplicatesNotAllChecked", $"{DatasetLimits.RememberedTexts + 300_001} duplicateText"], inspection.Warnings.Brief());
        Assert.Equal((0, DatasetLimits.RememberedTexts + 300_002), (inspection.FaultCount, inspection.Statistics.Sequences));
    }

    [Fact]
    public void A_check_that_is_cancelled_in_the_middle_leaves_no_file()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var cancelled = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => DatasetInspector.Inspect(
            new GeneratedStream(1_000_000, (row, destination) =>
            {
                if (row == 700_000)
                {
                    Assert.True(File.Exists(path));
                    cancelled.Cancel();
                }

                return Encoding.UTF8.GetBytes($"row {row}\n", destination);
            }),
            new DatasetOptions(DatasetFormat.Lines),
            () => new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.DeleteOnClose),
            cancelled.Token));
        Assert.False(File.Exists(path));
    }

    private static GeneratedStream Rows(long rows, params string[] last) =>
        new(rows + last.Length, (row, destination) => Encoding.UTF8.GetBytes(row < rows ? $"row {row}\n" : last[row - rows] + "\n", destination));

    private static DatasetInspection Inspect(Stream content, Func<Stream> openScratch) => DatasetInspector.Inspect(content, new DatasetOptions(DatasetFormat.Lines), openScratch, CancellationToken.None);

    private sealed class CountedStream : MemoryStream
    {
        public long BytesRead { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            var count = base.Read(buffer);
            BytesRead += count;
            return count;
        }
    }

    private sealed class SmallStream(long room) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Length + buffer.Length > room)
            {
                throw new IOException("full");
            }

            base.Write(buffer);
        }
    }
}
