using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace SequenceModels.Data;

/// <summary>
/// Reads bytes as UTF-8 without a byte-order mark, without NUL, and with LF as the only line end (CR LF and a lone CR become LF, as in .NET's ReadLine),
/// so that whatever parses them need not care. What had to be replaced is a fault: it becomes <c>?</c>, and reading goes on to find further faults.
/// </summary>
internal sealed class CheckedUtf8Stream(Stream inner, Findings findings, CancellationToken cancellationToken) : Stream
{
    private const byte Replacement = (byte)'?';

    private readonly byte[] _buffer = new byte[64 * 1024];
    private ReadOnlyMemory<byte> _unread;
    private int _tailStart;
    private int _tailLength;
    private long _offset;               // of _buffer[0] in the file
    private long _line = 1;
    private bool _started;
    private bool _ended;
    private bool _afterCarriageReturn;
    private long _lineOfInvalid;
    private long _lineOfNul;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The next bytes, whole code points, valid until the next call; empty at the end.</summary>
    public ReadOnlyMemory<byte> NextBlock()
    {
        while (!_ended)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _buffer.AsSpan(_tailStart, _tailLength).CopyTo(_buffer);
            var filled = _tailLength + inner.ReadAtLeast(_buffer.AsSpan(_tailLength), 3, throwOnEndOfStream: false);
            _ended = filled < _tailLength + 3;
            var start = SkipByteOrderMark(filled);
            var tail = _ended ? 0 : IncompleteTail(_buffer.AsSpan(start, filled - start));
            var (first, length) = Clean(start, filled - tail);
            (_tailStart, _tailLength) = (filled - tail, tail);
            _offset += filled - tail;
            if (length > 0)
            {
                return _buffer.AsMemory(first, length);
            }
        }

        return ReadOnlyMemory<byte>.Empty;
    }

    public override int Read(Span<byte> buffer)
    {
        if (_unread.IsEmpty)
        {
            _unread = NextBlock();
        }

        var count = Math.Min(buffer.Length, _unread.Length);
        _unread.Span[..count].CopyTo(buffer);
        _unread = _unread[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int SkipByteOrderMark(int filled)
    {
        if (_started)
        {
            return 0;
        }

        _started = true;
        var start = _buffer.AsSpan(0, filled);
        if (start.StartsWith<byte>([0xFF, 0xFE]) || start.StartsWith<byte>([0xFE, 0xFF]))
        {
            findings.AddEncodingFault(1, DatasetFaultCode.InvalidEncoding, "The file starts with the byte-order mark of UTF-16; UTF-8 is needed.");
            _lineOfInvalid = 1;
        }

        return start.StartsWith<byte>([0xEF, 0xBB, 0xBF]) ? 3 : 0;
    }

    /// <summary>The length of a code point that starts at the end of the bytes and is not complete.</summary>
    private static int IncompleteTail(ReadOnlySpan<byte> bytes)
    {
        for (var length = 1; length <= Math.Min(3, bytes.Length); length++)
        {
            var lead = bytes[^length];
            if (lead >= 0xC0)
            {
                return Rune.DecodeFromUtf8(bytes[^length..], out _, out _) == OperationStatus.NeedMoreData ? length : 0;
            }

            if (lead < 0x80)
            {
                return 0;
            }
        }

        return 0;
    }

    /// <summary>Cleans bytes in place and tells where the clean ones lie.</summary>
    private (int Start, int Length) Clean(int start, int end)
    {
        var bytes = _buffer.AsSpan(start, end - start);
        var skipsLineFeed = _afterCarriageReturn && bytes.StartsWith("\n"u8);
        if (!skipsLineFeed && bytes.IndexOfAny((byte)'\r', (byte)0) < 0 && Utf8.IsValid(bytes))
        {
            _afterCarriageReturn &= bytes.IsEmpty;
            _line += bytes.Count((byte)'\n');
            return (start, bytes.Length);
        }

        var written = 0;
        for (var read = 0; read < bytes.Length;)
        {
            var value = bytes[read];
            var follows = _afterCarriageReturn;
            _afterCarriageReturn = value == '\r';
            if (value == '\n' && follows)
            {
                read++;
            }
            else if (value is (byte)'\r' or (byte)'\n')
            {
                bytes[written++] = (byte)'\n';
                _line++;
                read++;
            }
            else if (value == 0)
            {
                ReportNul();
                bytes[written++] = Replacement;
                read++;
            }
            else if (value < 0x80)
            {
                bytes[written++] = value;
                read++;
            }
            else if (Rune.DecodeFromUtf8(bytes[read..], out _, out var length) == OperationStatus.Done)
            {
                bytes.Slice(read, length).CopyTo(bytes[written..]);
                written += length;
                read += length;
            }
            else
            {
                ReportInvalid(value, _offset + start + read);
                bytes[written++] = Replacement;
                read += length;
            }
        }

        return (start, written);
    }

    private void ReportInvalid(byte value, long offset)
    {
        if (_lineOfInvalid != _line)
        {
            _lineOfInvalid = _line;
            findings.AddEncodingFault(_line, DatasetFaultCode.InvalidEncoding, $"The bytes at offset {offset} (0x{value:X2} ...) are not UTF-8.");
        }
    }

    private void ReportNul()
    {
        if (_lineOfNul != _line)
        {
            _lineOfNul = _line;
            findings.AddEncodingFault(_line, DatasetFaultCode.NulCharacter, "The line holds a NUL character (U+0000).");
        }
    }
}
