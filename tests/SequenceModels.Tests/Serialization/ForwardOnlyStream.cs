namespace SequenceModels.Tests.Serialization;

/// <summary>A stream like a network's: it cannot seek, does not know its length and gives a few bytes at a time.</summary>
internal sealed class ForwardOnlyStream(Stream inner) : Stream
{
    private const int MostAtOnce = 7;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, Math.Min(count, MostAtOnce));

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
