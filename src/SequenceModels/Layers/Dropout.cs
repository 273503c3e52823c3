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
    private CounterRandom _random;
    private float* _mask;
    private float* _values;
    private float* _result;
    private int _blocks;
    private uint _threshold;
    private float _scale;

    public Dropout(ComputeContext context)
    {
        _context = context;
        _drawShare = DrawShare;
        _multiplyShare = MultiplyShare;
    }

    /// <summary>Draws a mask of <paramref name="length"/> factors, 0 or 1 / (1 - p), into the workspace.</summary>
    public float* Draw(CounterRandom random, double probability, int length)
    {
        _blocks = (length + 15) / 16;
        _mask = _context.Workspace.Allocate(length);
        _random = random;
        _threshold = (uint)Math.Min(probability * 4294967296.0, uint.MaxValue);
        _scale = (float)(1 / (1 - probability));
        _context.Team.Run(_drawShare);
        return _mask;
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

    private void DrawShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _blocks);
        for (int i = start * 16; i < end * 16; i += 4)
        {
            var (x0, x1, x2, x3) = _random.Block(i >> 2);
            _mask[i] = x0 < _threshold ? 0 : _scale;
            _mask[i + 1] = x1 < _threshold ? 0 : _scale;
            _mask[i + 2] = x2 < _threshold ? 0 : _scale;
            _mask[i + 3] = x3 < _threshold ? 0 : _scale;
        }
    }

    private void MultiplyShare(int member)
    {
        var (start, end) = _context.Team.Share(member, _blocks);
        if (start < end)
            _context.Kernels.Multiply(_values + start * 16L, _mask + start * 16L, _result + start * 16L, (end - start) * 16L);
    }
}
