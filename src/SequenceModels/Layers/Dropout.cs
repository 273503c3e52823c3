using SequenceModels.Kernels;
using SequenceModels.Randomness;

namespace SequenceModels.Layers;

/// <summary>
/// Inverted dropout (Srivastava et al. 2014): each value is zero with probability p and 1 / (1 - p) times itself otherwise.
/// The mask of an element depends on (seed, step, tensor, element) alone.
/// </summary>
internal sealed unsafe class Dropout
{
    private readonly ComputeContext _context;
    private readonly Action<int> _drawShare;
    private readonly Action<int> _multiplyShare;
    private readonly Action<int> _multiplyLocked;
    private CounterRandom _random;
    private float* _mask;
    private float* _values;
    private float* _result;
    private int _blocks;
    private int _period;
    private int _times;
    private uint _threshold;
    private float _dropped;
    private float _kept;

    public Dropout(ComputeContext context)
    {
        _context = context;
        _drawShare = DrawShare;
        _multiplyShare = MultiplyShare;
        _multiplyLocked = MultiplyLocked;
    }

    /// <summary>Draws a mask of <paramref name="length"/> factors, 0 or 1 / (1 - p), into the workspace.</summary>
    public float* Draw(CounterRandom random, double probability, int length) => Draw(random, probability, length, 0, (float)(1 / (1 - probability)));

    /// <summary>Draws a mask of <paramref name="length"/> elements into the workspace: <paramref name="dropped"/> with the probability given, <paramref name="kept"/> otherwise.</summary>
    public float* Draw(CounterRandom random, double probability, int length, float dropped, float kept)
    {
        float* mask = _context.Workspace.Allocate(length);
        Draw(random, probability, mask, length, dropped, kept);
        return mask;
    }

    /// <summary>As the other, into memory that reaches to a multiple of 16 floats.</summary>
    public void Draw(CounterRandom random, double probability, float* mask, long length, float dropped, float kept)
    {
        _blocks = (int)((length + RandomMask.Group - 1) / RandomMask.Group);
        _mask = mask;
        _random = random;
        _threshold = RandomMask.Threshold(probability);
        (_dropped, _kept) = (dropped, kept);
        _context.Team.Run(_drawShare);
    }

    /// <summary>result = values x mask, which may be in place: the forward pass on activations, the backward pass on gradients. All blocks reach to a multiple of 16 floats.</summary>
    public void Apply(float* mask, float* values, float* result, int length)
    {
        _result = result;
        _blocks = (length + 15) / 16;
        _mask = mask;
        _values = values;
        _context.Team.Run(_multiplyShare);
    }

    /// <summary>As <see cref="Apply"/>, the mask of <paramref name="period"/> factors serving <paramref name="times"/> times, one behind the other (docs/equations.md, 16.1).</summary>
    public void ApplyLocked(float* mask, float* values, float* result, int period, int times)
    {
        _mask = mask;
        _values = values;
        _result = result;
        (_period, _times) = (period, times);
        _context.Team.Run(_multiplyLocked);
    }

    private void DrawShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _blocks);
        RandomMask.Draw(_random, _threshold, _dropped, _kept, _mask, start, end);
    }

    private void MultiplyLocked(int member)
    {
        var (start, end) = _context.Team.Share(member, _times);
        for (int time = start; time < end; time++)
            _context.Kernels.Multiply(_values + (long)time * _period, _mask, _result + (long)time * _period, _period);
    }

    private void MultiplyShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _blocks);
        if (start < end)
            _context.Kernels.Multiply(_values + start * 16L, _mask + start * 16L, _result + start * 16L, (end - start) * 16L);
    }
}
