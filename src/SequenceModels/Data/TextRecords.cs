using System.Runtime.InteropServices;

namespace SequenceModels.Data;

/// <summary>One row of a dataset, for comparison with the others.</summary>
/// <param name="Hash">Stands for its text.</param>
/// <param name="Place">Its line and label.</param>
internal readonly record struct TextRecord(ulong Hash, ulong Place);

/// <summary>
/// Records in <see cref="Parts"/> parts, each in the order in which they came, in a temporary file of blocks. Only the block that is being filled is in
/// memory, of each part: 4 MiB in all.
/// </summary>
internal sealed class TextRecords(Func<Stream> open) : IDisposable
{
    /// <summary>The number of parts.</summary>
    public const int Parts = 256;

    private const int BlockRecords = 1024;

    private readonly Part[] _parts = new Part[Parts];
    private Stream? _file;
    private long _blocks;

    /// <summary>How many records a part has.</summary>
    public long Count(int part) => _parts[part] is { } there ? ((long)there.Blocks.Count * BlockRecords) + there.Filled : 0;

    /// <summary>Adds a record to a part.</summary>
    /// <exception cref="IOException">The file cannot be opened or written to.</exception>
    public void Add(int part, TextRecord record)
    {
        var there = _parts[part] ??= new Part();
        if (there.Filled == BlockRecords)
        {
            _file ??= open();
            _file.Write(MemoryMarshal.AsBytes(there.Last.AsSpan()));
            there.Blocks.Add(_blocks++);
            there.Filled = 0;
        }

        there.Last[there.Filled++] = record;
    }

    /// <summary>The records of a part, block by block; each block is valid until the next. To be read when all were added.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public IEnumerable<ReadOnlyMemory<TextRecord>> Read(int part)
    {
        if (_parts[part] is not { } there)
        {
            yield break;
        }

        var block = new TextRecord[there.Blocks.Count > 0 ? BlockRecords : 0];
        foreach (var number in there.Blocks)
        {
            var bytes = MemoryMarshal.AsBytes(block.AsSpan());
            _file!.Position = number * bytes.Length;
            _file.ReadExactly(bytes);
            yield return block;
        }

        yield return there.Last.AsMemory(0, there.Filled);
    }

    public void Dispose() => _file?.Dispose();

    private sealed class Part
    {
        public readonly TextRecord[] Last = new TextRecord[BlockRecords];
        public readonly List<long> Blocks = [];
        public int Filled;
    }
}
