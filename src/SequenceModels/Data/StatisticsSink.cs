using System.Numerics;
using System.Text;

namespace SequenceModels.Data;

/// <summary>Counts what a dataset holds and warns of what is seldom meant, in bounded memory.</summary>
internal sealed class StatisticsSink(Findings findings) : IRowSink
{
    private readonly ulong[] _characters = new ulong[0x110000 / 64];     // one bit a Unicode scalar value
    private readonly SeenTexts _seen = new();
    private readonly Dictionary<string, int> _labelNumbers = [];
    private readonly List<(string Name, long Rows, long FirstLine)> _labels = [];
    private long _characterCount;
    private long _rows;
    private bool _isContinuous;
    private long _firstLineNotChecked;

    public void AddText(ReadOnlySpan<byte> part)
    {
        _isContinuous = true;
        CountCharacters(part);
    }

    public void AddRow(long line, ReadOnlySpan<byte> text, ReadOnlySpan<byte> label)
    {
        _rows++;
        var characters = CountCharacters(text);
        if (characters > DatasetLimits.LongRowCharacters)
        {
            findings.AddWarning(line, "veryLongRow", $"The text has {characters} characters; training reads only the first part of so long a row.");
        }

        var number = label.IsEmpty ? 0 : CountLabel(line, label);
        var before = _seen.AddOrFind(text, line, number);
        if (before is not { } first)
        {
            _firstLineNotChecked = _seen.IsFull && _firstLineNotChecked == 0 ? line : _firstLineNotChecked;
        }
        else if (first.Label == number)
        {
            findings.AddWarning(line, "duplicateText", $"The text repeats line {first.Line}.");
        }
        else
        {
            findings.AddWarning(line, "conflictingLabel", $"The text of line {first.Line} is repeated under the label '{_labels[number].Name}'; there it is '{_labels[first.Label].Name}'.");
        }
    }

    public DatasetStatistics Complete()
    {
        foreach (var (name, rows, firstLine) in _labels.Where(label => label.Rows < DatasetLimits.RareLabelRows))
        {
            findings.AddGeneralWarning(firstLine, "rareLabel", $"The label '{name}' has {rows} rows; fewer than {DatasetLimits.RareLabelRows} are too few to learn from.");
        }

        if (_firstLineNotChecked > 0)
        {
            findings.AddGeneralWarning(_firstLineNotChecked, "duplicatesNotAllChecked",
                $"Repetitions are looked for among the first {DatasetLimits.RememberedTexts} different texts only; those new from this line on are not compared with one another.");
        }

        return new DatasetStatistics(
            _isContinuous ? 1 : _rows,
            _characterCount,
            _characters.Sum(bits => BitOperations.PopCount(bits)),
            findings.UnusedColumns,
            new SortedDictionary<string, long>(_labels.ToDictionary(label => label.Name, label => label.Rows), StringComparer.Ordinal));
    }

    private long CountCharacters(ReadOnlySpan<byte> text)
    {
        long count = 0;
        while (!text.IsEmpty)
        {
            int scalar = text[0];
            var length = 1;
            if (scalar >= 0x80)
            {
                Rune.DecodeFromUtf8(text, out var rune, out length);
                scalar = rune.Value;
            }

            _characters[scalar >> 6] |= 1UL << (scalar & 63);
            text = text[length..];
            count++;
        }

        _characterCount += count;
        return count;
    }

    private int CountLabel(long line, ReadOnlySpan<byte> label)
    {
        Span<char> characters = stackalloc char[DatasetLimits.LabelBytes];
        var name = characters[..Encoding.UTF8.GetChars(label, characters)];
        var numbers = _labelNumbers.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!numbers.TryGetValue(name, out var number))
        {
            number = Math.Min(_labels.Count, DatasetLimits.Labels);
            if (number == DatasetLimits.Labels)
            {
                return number - 1;      // already a fault; not counted further
            }

            numbers[name] = number;
            _labels.Add((name.ToString(), 0, line));
        }

        _labels[number] = _labels[number] with { Rows = _labels[number].Rows + 1 };
        return number;
    }
}
