using RnnService.Api.Storage;

namespace RnnService.Api.Tests.Storage;

/// <summary>How an operation goes wrong.</summary>
public enum FileFault
{
    /// <summary>Nothing is done.</summary>
    DiskFull,

    /// <summary>A write is done to half; a rename, a deletion or a flush is done, and then said to have failed.</summary>
    Torn,
}

/// <summary>A file system on which one operation of many goes wrong: the n-th since it was armed.</summary>
public sealed class FaultyFiles : IFileOperations
{
    private readonly FileOperations _system = new();
    private readonly Lock _gate = new();
    private long _left = -1;
    private FileFault _fault;

    /// <summary>Operations since it was armed.</summary>
    public long Operations { get; private set; }

    /// <summary>Whether the fault has happened.</summary>
    public bool Happened { get; private set; }

    /// <summary>The files that cannot be made, time after time; <c>null</c>: none.</summary>
    public Predicate<string>? Refused { get; set; }

    /// <summary>Counts from here on, and makes an operation fail.</summary>
    public void Arm(long operation, FileFault fault)
    {
        lock (_gate)
            (Operations, _left, _fault, Happened) = (0, operation, fault, false);
    }

    /// <inheritdoc/>
    public Stream CreateFile(string path)
    {
        if (Refused?.Invoke(path) == true)
            throw new IOException("No space left on device");
        Stream? made = null;
        Do(() => made = _system.CreateFile(path));
        return new BufferedStream(new FaultyStream(this, made!), 1 << 16);
    }

    /// <inheritdoc/>
    public void Flush(Stream file) => Do(() => _system.Flush(((FaultyStream)((BufferedStream)file).UnderlyingStream).File));

    /// <inheritdoc/>
    public void FlushFile(string path) => Do(() => _system.FlushFile(path));

    /// <inheritdoc/>
    public void FlushFolder(string path) => Do(() => _system.FlushFolder(path));

    /// <inheritdoc/>
    public void MoveFile(string path, string target) => Do(() => _system.MoveFile(path, target));

    /// <inheritdoc/>
    public void MoveFolder(string path, string target) => Do(() => _system.MoveFolder(path, target));

    /// <inheritdoc/>
    public void DeleteFile(string path) => Do(() => _system.DeleteFile(path));

    /// <inheritdoc/>
    public void DeleteFolder(string path) => Do(() => _system.DeleteFolder(path));

    /// <inheritdoc/>
    public void CreateFolder(string path) => Do(() => _system.CreateFolder(path));

    private void Do(Action operation, Action? half = null)
    {
        if (IsToFail())
        {
            if (_fault == FileFault.Torn)
                (half ?? operation)();
            throw new IOException(_fault == FileFault.DiskFull ? "No space left on device" : "Input/output error");
        }

        operation();
    }

    private bool IsToFail()
    {
        lock (_gate)
        {
            Operations++;
            bool fails = _left-- == 0;
            Happened |= fails;
            return fails;
        }
    }

    private sealed class FaultyStream(FaultyFiles files, Stream file) : Stream
    {
        public Stream File => file;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => files.Do(() => file.Write(buffer, offset, count), () => file.Write(buffer, offset, count / 2));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            byte[] copy = buffer.ToArray();
            Write(copy, 0, copy.Length);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Write(buffer, offset, count);
            return Task.CompletedTask;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Flush() => file.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                file.Dispose();
            base.Dispose(disposing);
        }
    }
}
