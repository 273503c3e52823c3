namespace SequenceModels.Tests.Data;

/// <summary>Writes row number <paramref name="index"/>, from 0, and tells its length in bytes.</summary>
internal delegate int RowWriter(long index, Span<byte> destination);

/// <summary>A long stream of rows that are made when they are read; making them allocates nothing.</summary>
internal sealed class GeneratedStream(long rows, RowWriter row) : Stream
{
    private readonly byte[] _pending = new byte[1 << 16];
    private int _start;
    private int _end;
    private long _next;

    public long BytesRead { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => BytesRead; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_start == _end && _next < rows)
        {
            _start = 0;
            _end = row(_next++, _pending);
        }

        var count = Math.Min(buffer.Length, _end - _start);
        _pending.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        BytesRead += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
