using System.IO.Hashing;
using System.Security.Cryptography;

namespace SequenceModels.Data;

/// <summary>A text that was there before.</summary>
/// <param name="Line">Where it is.</param>
/// <param name="Label">The number of its label.</param>
/// <param name="FirstLine">Where it was first.</param>
/// <param name="FirstLabel">The number of its label there.</param>
internal readonly record struct Repetition(long Line, int Label, long FirstLine, int FirstLabel);

/// <summary>
/// Finds every text that was there before, however many there are, in bounded memory. The first texts are remembered in a table; once it is full, texts that
/// it does not hold are written down in a temporary file, divided by their hashes into parts that fit the table one after another.
/// Texts are compared by 64 bits of a hash (XXH128), those in the file by eight more: the chance that any two of ten million different texts are taken for
/// equal is below one in a million.
/// </summary>
/// <param name="openScratch">Opens the temporary file.</param>
/// <param name="most">Texts remembered in memory, at 21 to 43 bytes each.</param>
/// <param name="cancellationToken">Stops the comparison.</param>
internal sealed class RepeatedTexts(Func<Stream> openScratch, int most, CancellationToken cancellationToken) : IDisposable
{
    private const int LabelBits = 16;

    // Who sends a dataset cannot choose texts whose hashes crowd the table. What is found does not depend on it.
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
    private readonly SeenTexts _seen = new(most);
    private TextRecords? _records;
    private long _firstRecorded;

    /// <summary>The line of the first text that was not compared with those behind it, as the temporary file failed; 0 where all were.</summary>
    public long FirstNotCompared { get; private set; }

    /// <summary>Takes the next text. Tells at once where it was first if that was among the first texts; <see cref="Complete"/> tells the others.</summary>
    public Repetition? Add(ReadOnlySpan<byte> text, long line, int label)
    {
        var hash = XxHash128.HashToUInt128(text, _seed);
        var record = new TextRecord((ulong)hash, ((ulong)line << LabelBits) | (uint)label);
        if (_seen.TryFindOrAdd(record.Hash, record.Place, out var first))
        {
            return first == 0 ? null : RepetitionOf(record.Place, first);
        }

        if (FirstNotCompared != 0)
        {
            return null;
        }

        _firstRecorded = _firstRecorded == 0 ? line : _firstRecorded;
        try
        {
            _records ??= new TextRecords(openScratch);
            _records.Add((int)(hash >> 120), record);
        }
        catch (IOException)
        {
            GiveUp();
        }

        return null;
    }

    /// <summary>Compares what was written down: how many more texts were there before, and the first of them in the order of lines.</summary>
    public (long Count, IReadOnlyList<Repetition> First) Complete(int wanted)
    {
        if (_records is null)
        {
            return (0, []);
        }

        var (count, first) = (0L, new FirstRepetitions(wanted));
        try
        {
            for (var part = 0; part < TextRecords.Parts; part++)
            {
                count += ComparePart(part, first);
            }
        }
        catch (IOException)
        {
            GiveUp();
            return (0, []);
        }

        return (count, first.InOrder());
    }

    public void Dispose() => _records?.Dispose();

    private static Repetition RepetitionOf(ulong place, ulong first)
    {
        const ulong Label = (1 << LabelBits) - 1;
        return new((long)(place >> LabelBits), (int)(place & Label), (long)(first >> LabelBits), (int)(first & Label));
    }

    /// <summary>A part of more texts than the table takes is read several times, each time for another share of the hashes.</summary>
    private long ComparePart(int part, FirstRepetitions first)
    {
        uint shares = 1;
        while (_records!.Count(part) > most && CompareShare(part, shares, 0, most / 2, null) is null)
        {
            shares *= 2;
        }

        long count = 0;
        for (uint share = 0; share < shares; share++)
        {
            // The hashes of other shares are as many as those of the first, give or take their square root: the table has room for twice as many.
            count += CompareShare(part, shares, share, most, first) ?? throw new IOException("The parts of the temporary file are not even.");
        }

        return count;
    }

    /// <summary>How many texts of a share of a part were there before; null where it has more than so many different ones.</summary>
    private long? CompareShare(int part, uint shares, uint share, int mostDifferent, FirstRepetitions? first)
    {
        var (count, different) = (0L, 0);
        _seen.Clear(Math.Min(mostDifferent, _records!.Count(part) / shares));
        foreach (var block in _records.Read(part))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (hash, place) in block.Span)
            {
                if ((uint)(hash >> 32) % shares != share)
                {
                    continue;
                }

                if (!_seen.TryFindOrAdd(hash, place, out var before) || (before == 0 && ++different > mostDifferent))
                {
                    return null;
                }

                if (before != 0)
                {
                    count++;
                    first?.Add(RepetitionOf(place, before));
                }
            }
        }

        return count;
    }

    /// <summary>Without its file the comparison ends. The dataset is as good as before, and whoever reads its warnings is told.</summary>
    private void GiveUp()
    {
        FirstNotCompared = _firstRecorded;
        _records?.Dispose();
        _records = null;
    }
}
