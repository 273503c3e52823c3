using SequenceModels.Kernels;
using SequenceModels.Randomness;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>A copy of a weight of which some elements are dropped for a whole step, and its gradient (DropConnect; docs/equations.md, 16.2).</summary>
internal sealed unsafe class DroppedWeights : IDisposable
{
    private readonly Parameter _weight;
    private readonly NativeBuffer _mask;
    private readonly NativeBuffer _values;
    private readonly NativeBuffer _gradients;

    public DroppedWeights(Parameter weight)
    {
        _weight = weight;
        long padded = Groups(weight) * (long)RandomMask.Group;
        (_mask, _values, _gradients) = (new NativeBuffer(padded), new NativeBuffer(padded), new NativeBuffer(padded));
    }

    /// <summary>The masked weights, in the layout of the parameter.</summary>
    public float* Values => _values.Pointer;

    /// <summary>Their gradients, zero after each masking; added to.</summary>
    public float* Gradients => _gradients.Pointer;

    /// <summary>The factors, 0 or 1 / (1 - p).</summary>
    public Span<float> Mask => _mask.Slice(0, _weight.Length);

    /// <summary>Floats held for a weight of that many.</summary>
    public static long Held(long length) => 3 * ((length + RandomMask.Group - 1) / RandomMask.Group * RandomMask.Group);

    /// <summary>A member's part of drawing a mask and masking by it.</summary>
    public void Draw(ComputeContext context, int member, double probability, CounterRandom random)
    {
        var (start, end) = context.Team.Share(member, Groups(_weight));
        RandomMask.Draw(random, RandomMask.Threshold(probability), 0, (float)(1 / (1 - probability)), _mask.Pointer, start, end);
        Apply(context.Kernels, start, end);
    }

    /// <summary>Masks the weights by <see cref="Mask"/> as it stands.</summary>
    public void Apply(KernelSet kernels) => Apply(kernels, 0, Groups(_weight));

    /// <summary>A member's part of dW += m dW', the gradient of the raw weights.</summary>
    public void AddGradients(ComputeContext context, int member)
    {
        var (start, end) = context.Team.Share(member, Groups(_weight));
        long first = (long)start * RandomMask.Group, length = Math.Min((long)end * RandomMask.Group, _weight.Length) - first;
        if (length <= 0)
            return;
        context.Kernels.Multiply(Gradients + first, _mask.Pointer + first, Gradients + first, length);
        context.Kernels.Add(Gradients + first, _weight.Gradient + first, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mask.Dispose();
        _values.Dispose();
        _gradients.Dispose();
    }

    private static int Groups(Parameter weight) => (weight.Length + RandomMask.Group - 1) / RandomMask.Group;

    private void Apply(KernelSet kernels, int start, int end)
    {
        long first = (long)start * RandomMask.Group, length = Math.Min((long)end * RandomMask.Group, _weight.Length) - first;
        if (length <= 0)
            return;
        kernels.Multiply(_weight.Value + first, _mask.Pointer + first, Values + first, length);
        Memory.Clear(Gradients + first, length);
    }
}
