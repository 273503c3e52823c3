using SequenceModels.Randomness;
using SequenceModels.Tasks;

namespace SequenceModels.Layers;

/// <summary>A place in a network where activations [T,B,F] are dropped, by a mask of their own for each step or by one for all of them (docs/equations.md, 8.9 and 16.1).</summary>
internal sealed unsafe class DropoutSite
{
    private readonly Dropout _dropout;
    private readonly ComputeContext _context;
    private readonly DropoutKind _kind;
    private float* _mask;
    private int _period;
    private int _times;

    /// <param name="context">Kernels, team and workspace.</param>
    /// <param name="kind">How long a mask lasts.</param>
    public DropoutSite(ComputeContext context, DropoutKind kind) => (_dropout, _context, _kind) = (new Dropout(context), context, kind);

    /// <summary>The values times a mask.</summary>
    /// <param name="values">[T,B,F].</param>
    /// <param name="time">T.</param>
    /// <param name="features">B x F.</param>
    /// <param name="rate">Probability of dropping a value; 0: they are given back as they are.</param>
    /// <param name="random">Key of the mask.</param>
    /// <param name="inPlace">Whether they may be overwritten; otherwise the result stands beside, as a layer's backward pass needs its output as it is.</param>
    /// <returns>[T,B,F] in the workspace.</returns>
    public float* Forward(float* values, int time, int features, double rate, CounterRandom random, bool inPlace = false)
    {
        _mask = null;
        if (rate <= 0)
            return values;
        (_period, _times) = _kind == DropoutKind.Variational ? (features, time) : (time * features, 1);
        _mask = _dropout.Draw(random, rate, _period);
        float* result = inPlace ? values : _context.Workspace.Allocate((long)time * features);
        Apply(values, result);
        return result;
    }

    /// <summary>The gradient of the last <see cref="Forward"/>, in place.</summary>
    public void Backward(float* gradient)
    {
        if (_mask is not null)
            Apply(gradient, gradient);
    }

    private void Apply(float* values, float* result)
    {
        if (_times == 1)
            _dropout.Apply(_mask, values, result, _period);
        else
            _dropout.ApplyLocked(_mask, values, result, _period, _times);
    }
}
