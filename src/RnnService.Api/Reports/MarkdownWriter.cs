using System.Globalization;
using System.Text;

namespace RnnService.Api.Reports;

/// <summary>Writes Markdown (CommonMark with pipe tables) in which no text of users can be anything but text.</summary>
internal sealed class MarkdownWriter
{
    private const char LineBreak = '⏎';
    private readonly StringBuilder _text = new();

    public MarkdownWriter Heading(int level, string text) => Block($"{new string('#', level)} {Text(text)}");

    /// <summary>A paragraph of our own words, in which users' text stands as <see cref="Text"/> or <see cref="Code"/>.</summary>
    public MarkdownWriter Paragraph(string markdown) => Block(markdown);

    public MarkdownWriter List(IEnumerable<string> items) => Block(string.Join('\n', items.Select(item => $"- {item}")));

    /// <summary>A table; cells are Markdown.</summary>
    public MarkdownWriter Table(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        var lines = new List<string> { Row(headers), Row([.. headers.Select(_ => "---")]) };
        lines.AddRange(rows.Select(Row));
        return Block(string.Join('\n', lines));
    }

    /// <summary>Code, in a fence that its own backticks cannot close.</summary>
    public MarkdownWriter Fence(string language, string code)
    {
        string fence = new('`', Math.Max(3, LongestRun(code, '`') + 1));
        return Block($"{fence}{language}\n{code}\n{fence}");
    }

    public override string ToString() => _text.ToString();

    /// <summary>
    /// Text as it stands: punctuation that could be markup, or make a link of it, is escaped; control characters, among them those that turn the direction of writing, are replaced; line breaks are shown.
    /// </summary>
    public static string Text(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var rune in text.ReplaceLineEndings("\n").EnumerateRunes())
        {
            if (rune.Value == '\n')
                escaped.Append(LineBreak);
            else if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                escaped.Append(rune.Value == '\t' ? ' ' : '\uFFFD');
            else if (rune.IsAscii && char.IsAscii((char)rune.Value) && (char.IsPunctuation((char)rune.Value) || char.IsSymbol((char)rune.Value)) && rune.Value is not (',' or ';' or '\'' or '"' or '?'))
                escaped.Append('\\').Append((char)rune.Value);
            else
                escaped.Append(rune.ToString());
        }

        return escaped.ToString();
    }

    /// <summary>A name or hash of ours as code. Nothing that users wrote freely: a backtick would end it.</summary>
    public static string Code(string text) => $"`{text.Replace('`', '\'').ReplaceLineEndings(" ")}`";

    /// <summary>A number, to four digits behind the point (very small ones to three digits in all); what is not known as a dash.</summary>
    public static string Number(double? value) => value switch
    {
        null => "–",
        { } number when !double.IsFinite(number) => "–",
        { } number when number != 0 && Math.Abs(number) < 0.001 => number.ToString("G3", CultureInfo.InvariantCulture),
        { } number => number.ToString("#,0.####", CultureInfo.InvariantCulture),
    };

    private static string Row(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static int LongestRun(string text, char of)
    {
        int longest = 0, run = 0;
        foreach (char c in text)
        {
            run = c == of ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }

    private MarkdownWriter Block(string block)
    {
        if (_text.Length > 0)
            _text.Append('\n');
        _text.Append(block).Append('\n');
        return this;
    }
}
