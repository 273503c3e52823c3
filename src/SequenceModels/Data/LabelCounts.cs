using System.Globalization;
using System.Text;

namespace SequenceModels.Data;

/// <summary>How often each label is there, and where it is first.</summary>
internal sealed class LabelCounts
{
    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<(string Name, long Rows, long FirstLine)> _labels = [];

    /// <summary>How many sequences carry each label, in ordinal order.</summary>
    public IReadOnlyDictionary<string, long> Rows => new SortedDictionary<string, long>(_labels.ToDictionary(label => label.Name, label => label.Rows), StringComparer.Ordinal);

    /// <summary>The name of a label, by its number.</summary>
    public string Name(int number) => _labels[number].Name;

    /// <summary>Counts a label; its number.</summary>
    public int Add(long line, ReadOnlySpan<byte> label)
    {
        Span<char> characters = stackalloc char[DatasetLimits.LabelBytes];
        var name = characters[..Encoding.UTF8.GetChars(label, characters)];
        var numbers = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
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

    /// <summary>Warns of what is seldom meant.</summary>
    public void Warn(Findings findings)
    {
        if (_labels is [var only])
        {
            findings.AddGeneralWarning(only.FirstLine, DatasetWarningCode.SingleLabel, $"Every row has the label '{only.Name}'; there is nothing to tell apart.");
        }

        foreach (var similar in _labels.GroupBy(label => Simplified(label.Name), StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            var first = similar.First();
            foreach (var other in similar.Skip(1))
            {
                findings.AddGeneralWarning(other.FirstLine, DatasetWarningCode.SimilarLabels,
                    $"The label '{other.Name}' ({InRows(other.Rows)}) and '{first.Name}' of line {first.FirstLine} ({InRows(first.Rows)}) differ in case or white space only; they are two labels.");
            }
        }

        foreach (var (name, rows, firstLine) in _labels.Where(label => label.Rows < DatasetLimits.RareLabelRows))
        {
            findings.AddGeneralWarning(firstLine, DatasetWarningCode.RareLabel, $"The label '{name}' has {InRows(rows)}; fewer than {DatasetLimits.RareLabelRows} are too few to learn from.");
        }
    }

    private static string InRows(long count) => count == 1 ? "1 row" : $"{count} rows";

    /// <summary>In lower case, and without white space.</summary>
    private static string Simplified(string label)
    {
        var simplified = new StringBuilder(label.Length);
        foreach (var rune in label.EnumerateRunes())
        {
            if (!Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format)
            {
                simplified.Append(Rune.ToLowerInvariant(rune).ToString());
            }
        }

        return simplified.ToString();
    }
}
