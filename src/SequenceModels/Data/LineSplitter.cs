namespace SequenceModels.Data;

/// <summary>Divides checked bytes into lines, keeping no more than one line of the permitted length.</summary>
internal sealed class LineSplitter(CheckedUtf8Stream source)
{
    private ReadOnlyMemory<byte> _block;
    private byte[] _line = new byte[4096];
    private int _length;
    private bool _ended;

    /// <summary>The number of the last line read, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Whether the last line is over <see cref="DatasetLimits.RowBytes"/>; it is then cut short.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Reads a line without its end. What stands after the last line end is a line unless it is empty.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        _length = 0;
        IsTooLong = false;
        line = default;
        while (true)
        {
            if (_block.IsEmpty && !_ended)
            {
                _block = source.NextBlock();
                _ended = _block.IsEmpty;
            }

            if (_ended)
            {
                line = _line.AsSpan(0, _length);
                Line++;
                return _length > 0;
            }

            var end = _block.Span.IndexOf((byte)'\n');
            var part = end < 0 ? _block : _block[..end];
            _block = end < 0 ? ReadOnlyMemory<byte>.Empty : _block[(end + 1)..];
            if (end >= 0 && _length == 0)
            {
                line = part.Span;           // the usual case: nothing is copied, and a block is far shorter than a row may be
                Line++;
                return true;
            }

            Append(part.Span);
            if (end >= 0)
            {
                line = _line.AsSpan(0, _length);
                Line++;
                return true;
            }
        }
    }

    private void Append(ReadOnlySpan<byte> part)
    {
        var room = DatasetLimits.RowBytes - _length;
        IsTooLong |= part.Length > room;
        part = part[..Math.Min(part.Length, room)];
        if (_length + part.Length > _line.Length)
        {
            Array.Resize(ref _line, Math.Min(DatasetLimits.RowBytes, Math.Max(2 * _line.Length, _length + part.Length)));
        }

        part.CopyTo(_line.AsSpan(_length));
        _length += part.Length;
    }
}
