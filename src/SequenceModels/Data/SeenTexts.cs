namespace SequenceModels.Data;

/// <summary>Where texts were seen first, by their hashes: a table of a bounded number of entries.</summary>
internal sealed class SeenTexts(int most)
{
    private const int LeastSlots = 1024;

    private ulong[] _hashes = new ulong[LeastSlots];       // 0: a free slot
    private ulong[] _places = new ulong[LeastSlots];
    private int _slots = LeastSlots;
    private int _count;

    /// <summary>Forgets all texts and makes ready for so many, or as many as the table may have.</summary>
    public void Clear(long expected)
    {
        _count = 0;
        _slots = SlotsFor((int)Math.Min(expected, most));
        if (_hashes.Length < _slots)
        {
            (_hashes, _places) = (new ulong[_slots], new ulong[_slots]);
        }
        else
        {
            Array.Clear(_hashes, 0, _slots);
        }
    }

    /// <summary>Finds where a text was seen first, or remembers it.</summary>
    /// <param name="hash">Stands for the text.</param>
    /// <param name="place">Where it is seen now, not 0.</param>
    /// <param name="first">Where it was seen first; 0 where this is the first time.</param>
    /// <returns>False where it was not seen and cannot be remembered, as the table is full.</returns>
    public bool TryFindOrAdd(ulong hash, ulong place, out ulong first)
    {
        hash = hash == 0 ? 1 : hash;
        var slot = Find(hash);
        first = _hashes[slot] == 0 ? 0 : _places[slot];
        if (first != 0)
        {
            return true;
        }

        if (_count >= most)
        {
            return false;
        }

        if (_count + 1 > _slots / 4 * 3)
        {
            Grow();
            slot = Find(hash);
        }

        (_hashes[slot], _places[slot]) = (hash, place);
        _count++;
        return true;
    }

    private static int SlotsFor(int count)
    {
        var slots = LeastSlots;
        while (slots / 4 * 3 <= count)
        {
            slots *= 2;
        }

        return slots;
    }

    private int Find(ulong hash)
    {
        var mask = _slots - 1;
        var slot = (int)hash & mask;
        while (_hashes[slot] != 0 && _hashes[slot] != hash)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow()
    {
        var (hashes, places, slots) = (_hashes, _places, _slots);
        _slots *= 2;
        (_hashes, _places) = (new ulong[_slots], new ulong[_slots]);
        for (var i = 0; i < slots; i++)
        {
            if (hashes[i] != 0)
            {
                var slot = Find(hashes[i]);
                (_hashes[slot], _places[slot]) = (hashes[i], places[i]);
            }
        }
    }
}
