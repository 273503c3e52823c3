using System.Text;

namespace SequenceModels.Data;

/// <summary>How often each character (Unicode scalar value) is there. Memory: 2 KiB for each 256 neighbouring characters of which one is there, at most 8.9 MB.</summary>
internal sealed class CharacterCounts
{
    private const int PageSize = 256;

    private readonly long[]?[] _pages = new long[]?[0x110000 / PageSize];

    /// <summary>The number of all characters.</summary>
    public long Total { get; private set; }

    /// <summary>The characters that are there and how often.</summary>
    public IEnumerable<(Rune Character, long Count)> Counts
    {
        get
        {
            for (var page = 0; page < _pages.Length; page++)
            {
                for (var i = 0; i < PageSize && _pages[page] is not null; i++)
                {
                    if (_pages[page]![i] is var count and > 0)
                    {
                        yield return (new Rune((page * PageSize) + i), count);
                    }
                }
            }
        }
    }

    /// <summary>Counts the characters of a text.</summary>
    /// <returns>How many it has.</returns>
    public long Add(ReadOnlySpan<byte> text)
    {
        long count = 0;
        var ascii = _pages[0] ??= new long[PageSize];
        while (!text.IsEmpty)
        {
            var length = 1;
            if (text[0] < 0x80)
            {
                ascii[text[0]]++;
            }
            else
            {
                Rune.DecodeFromUtf8(text, out var rune, out length);
                var page = _pages[rune.Value / PageSize] ??= new long[PageSize];
                page[rune.Value % PageSize]++;
            }

            text = text[length..];
            count++;
        }

        Total += count;
        return count;
    }
}
