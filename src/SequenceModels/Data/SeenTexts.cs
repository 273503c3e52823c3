namespace SequenceModels.Data;

/// <summary>
/// Finds texts that were seen before by a 64-bit hash (FNV-1a) in a table that stops growing at <see cref="DatasetLimits.RememberedTexts"/> entries.
/// Two different texts with equal hashes would give a false warning; at this many texts the chance of one is below one in ten million.
/// </summary>
internal sealed class SeenTexts
{
    private ulong[] _hashes = new ulong[1024];      // 0: a free slot
    private uint[] _lines = new uint[1024];
    private ushort[] _labels = new ushort[1024];
    private int _count;

    /// <summary>Whether a text was not remembered because the table was full.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Remembers a text unless it was seen before.</summary>
    /// <returns>The line and label number where it was seen first, or null.</returns>
    public (long Line, int Label)? AddOrFind(ReadOnlySpan<byte> text, long line, int label)
    {
        var hash = Hash(text);
        var slot = Find(_hashes, hash);
        if (_hashes[slot] != 0)
        {
            return (_lines[slot], _labels[slot]);
        }

        if (_count >= DatasetLimits.RememberedTexts)
        {
            IsFull = true;
            return null;
        }

        (_hashes[slot], _lines[slot], _labels[slot]) = (hash, (uint)Math.Min(line, uint.MaxValue), (ushort)label);
        _count++;
        if (_count > _hashes.Length / 4 * 3 && _hashes.Length < 1 << 19)
        {
            Grow();
        }

        return null;
    }

    private static ulong Hash(ReadOnlySpan<byte> text)
    {
        var hash = 14695981039346656037;
        foreach (var value in text)
        {
            hash = unchecked((hash ^ value) * 1099511628211);
        }

        return hash == 0 ? 1 : hash;
    }

    private static int Find(ulong[] hashes, ulong hash)
    {
        // The high bits of FNV-1a are the better mixed ones.
        var mask = hashes.Length - 1;
        var slot = (int)(hash >> 32) & mask;
        while (hashes[slot] != 0 && hashes[slot] != hash)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow()
    {
        var (hashes, lines, labels) = (_hashes, _lines, _labels);
        (_hashes, _lines, _labels) = (new ulong[2 * hashes.Length], new uint[2 * hashes.Length], new ushort[2 * hashes.Length]);
        for (var i = 0; i < hashes.Length; i++)
        {
            if (hashes[i] != 0)
            {
                var slot = Find(_hashes, hashes[i]);
                (_hashes[slot], _lines[slot], _labels[slot]) = (hashes[i], lines[i], labels[i]);
            }
        }
    }
}
