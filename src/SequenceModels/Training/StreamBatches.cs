using SequenceModels.Layers;
using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>
/// One long text as B parallel streams, cut into chunks of T tokens; the state at the end of a chunk is where the next chunk goes on (truncated
/// back-propagation through time). Streams are contiguous parts of the text; every token but the first is a target exactly once an epoch.
/// </summary>
internal sealed unsafe class StreamBatches : LanguageModelBatches, IPassages
{
    private readonly int[] _text;
    private readonly int _streams;
    private readonly int _chunk;
    private readonly int _longest;
    private readonly NativeBuffer _hidden;
    private readonly NativeBuffer _cell;
    private int _position;

    /// <param name="text">The text's tokens, 2 or more.</param>
    /// <param name="streams">B at most; fewer where the text is short.</param>
    /// <param name="chunk">T.</param>
    /// <param name="stateLength">L x H floats of carried state a stream.</param>
    public StreamBatches(int[] text, int streams, int chunk, int stateLength)
    {
        if (text.Length < 2)
            throw new ArgumentException($"The text has {text.Length} tokens; 2 are the least.", nameof(text));
        _text = text;
        _streams = Streams(text.Length, streams, chunk);
        _chunk = chunk;
        _longest = (text.Length - 1 + _streams - 1) / _streams;
        _hidden = new NativeBuffer((long)_streams * stateLength);
        _cell = new NativeBuffer((long)_streams * stateLength);
    }

    public override int Count => (_longest + _chunk - 1) / _chunk;

    public override long TokensPerEpoch => _text.Length - 1;

    public override float* Hidden => _hidden.Length == 0 ? null : _hidden.Pointer;

    public override float* Cell => _hidden.Length == 0 ? null : _cell.Pointer;

    public override bool Begins => _position == Shape.Time;

    /// <summary>Streams that a text of that many tokens is read in: as many as wanted, but none shorter than a chunk unless the text is.</summary>
    public static int Streams(int tokens, int wanted, int chunk) => Math.Clamp((tokens - 1) / chunk, 1, wanted);

    public int Passages => _streams * Count;

    public int PassageOf(int b) => b * Count + (_position - Shape.Time) / _chunk;

    public ReadOnlySpan<int> TargetsOf(int passage)
    {
        int stream = passage / Count, from = passage % Count * _chunk, length = stream < WholeStreams ? _longest : _longest - 1;
        return _text.AsSpan((int)PlaceOf(passage), Math.Max(0, Math.Min(_chunk, length - from)));
    }

    public long PlaceOf(int passage) => StartOf(passage / Count) + (long)(passage % Count) * _chunk + 1;

    public override void BeginEpoch(int epoch)
    {
        _position = 0;
        Memory.Clear(_hidden.Pointer, _hidden.Length);
        Memory.Clear(_cell.Pointer, _cell.Length);
    }

    public override IReadOnlyList<(string Name, NativeBuffer Values)> Carried => [("hidden", _hidden), ("cell", _cell)];

    public override void Skip(int batches) => _position = (int)Math.Min(_longest, _position + (long)batches * _chunk);

    public override bool Next()
    {
        if (_position >= _longest)
            return false;
        int time = Math.Min(_chunk, _longest - _position), whole = WholeStreams;
        bool ragged = _position + time == _longest && whole < _streams;
        int[]? lengths = null;
        if (ragged)
        {
            lengths = new int[_streams];
            for (int stream = 0; stream < _streams; stream++)
                lengths[stream] = stream < whole ? time : time - 1;
        }

        Fill(time, _streams, lengths);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        _hidden.Dispose();
        _cell.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Streams of the full length; the others lack the last step.</summary>
    private int WholeStreams => _text.Length - 1 - (_longest - 1) * _streams;

    /// <summary>The token that a stream begins with.</summary>
    private long StartOf(int stream) => (long)stream * (_longest - 1) + Math.Min(stream, WholeStreams);

    private void Fill(int time, int streams, int[]? lengths)
    {
        if (Shape.Time != time || Shape.Batch != streams || Shape.Lengths is not null || lengths is not null)
            Shape = new SequenceShape(time, streams, lengths);
        Reserve();
        TargetCount = 0;
        for (int t = 0; t < time; t++)
        {
            for (int stream = 0; stream < streams; stream++)
            {
                bool has = Shape.Has(t, stream);
                long at = StartOf(stream) + _position + t;
                Tokens[t * streams + stream] = has ? _text[at] : 0;
                Targets[t * streams + stream] = has ? _text[at + 1] : -1;
                TargetCount += has ? 1 : 0;
            }
        }

        _position += time;
    }
}
