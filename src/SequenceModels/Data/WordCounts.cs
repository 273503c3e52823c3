using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using SequenceModels.Text;

namespace SequenceModels.Data;

/// <summary>
/// How often words are there, as <see cref="WordTokenizer"/> cuts them. Each is counted while there are at most <see cref="MostCounted"/> different ones; of
/// more, a sample (adaptive sampling: Flajolet 1990): those whose hashes end in so many zeros that they fit. A word of the sample is counted from its first
/// occurrence on, so its count is exact, and each stands for <see cref="Spacing"/> words. About 3 MB.
/// </summary>
/// <param name="lowerCase">Whether words are lower-cased.</param>
internal sealed class WordCounts(bool lowerCase)
{
    private const int MostCounted = 1 << 16;
    private const int LongestCarried = 1024;

    private readonly Dictionary<ulong, long> _counts = [];
    private readonly char[] _text = new char[16 * 1024];
    private readonly char[] _lower = new char[512];
    private int _length;

    /// <summary>The number of all words.</summary>
    public long Total { get; private set; }

    /// <summary>How many words each word of the sample stands for; 1 where all are counted.</summary>
    public long Spacing { get; private set; } = 1;

    /// <summary>How often each word of the sample is there.</summary>
    public IEnumerable<long> Counts => _counts.Values;

    /// <summary>Counts the words of the next part, of whole code points, of a text.</summary>
    public void Add(ReadOnlySpan<byte> part)
    {
        while (!part.IsEmpty)
        {
            // A byte gives at most one UTF-16 unit.
            var length = Math.Min(part.Length, _text.Length - _length);
            while (length < part.Length && (part[length] & 0xC0) == 0x80)
            {
                length--;
            }

            _length += Encoding.UTF8.GetChars(part[..length], _text.AsSpan(_length));
            part = part[length..];
            if (!part.IsEmpty)
            {
                Carry();
            }
        }
    }

    /// <summary>A text has ended.</summary>
    public void End()
    {
        Count(_text.AsSpan(0, _length));
        _length = 0;
    }

    /// <summary>Keeps the last word back, as it may go on in the next part. In writing without spaces the next part begins anew.</summary>
    private void Carry()
    {
        var text = _text.AsSpan(0, _length);
        var end = text.LastIndexOfAny(' ', '\n', '\t') + 1;
        end = _length - end > LongestCarried ? _length : end;
        Count(text[..end]);
        text[end..].CopyTo(_text);
        _length -= end;
    }

    private void Count(ReadOnlySpan<char> text)
    {
        var index = 0;
        while (WordScanner.Next(text, ref index) is { IsEmpty: false } word)
        {
            if (lowerCase)
            {
                word = _lower.AsSpan(0, word.ToLowerInvariant(_lower));
            }

            Total++;
            var hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(word));
            if ((hash & (ulong)(Spacing - 1)) == 0)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_counts, hash, out _)++;
                Thin();
            }
        }
    }

    private void Thin()
    {
        while (_counts.Count > MostCounted)
        {
            Spacing *= 2;
            foreach (var hash in _counts.Keys.Where(hash => (hash & (ulong)(Spacing - 1)) != 0).ToArray())
            {
                _counts.Remove(hash);
            }
        }
    }
}
