namespace SequenceModels.Kernels;

/// <content>Normalising and mixing of rows.</content>
internal abstract unsafe partial class KernelSet
{
    /// <inheritdoc cref="LayerNormalization.Forward"/>
    public abstract void LayerNormForward(float* v, int rows, int length, nint stride, float* gain, float* shift, float epsilon, float* y, float* statistics);

    /// <inheritdoc cref="LayerNormalization.Backward"/>
    public abstract void LayerNormBackward(float* v, float* statistics, int rows, int length, float* gain, float* dy, float* dv);

    /// <inheritdoc cref="LayerNormalization.AddGradients"/>
    public abstract void LayerNormGradients(float* v, float* statistics, float* dy, int rows, nint stride, int columns, float* dGain, float* dShift);

    /// <inheritdoc cref="Mixing.Blend"/>
    public abstract void Blend(float* kept, float rate, float* previous, float* value, long length);

    /// <inheritdoc cref="Mixing.Unblend"/>
    public abstract void Unblend(float* kept, float* gradient, float* rest, long length);

    /// <inheritdoc cref="Mixing.Sum"/>
    public abstract void Sum(float* x, float* y, float* destination, long length);

    /// <inheritdoc cref="Mixing.Dot"/>
    public abstract float Dot(float* x, float* y, long length);

    /// <inheritdoc cref="Mixing.AddScaled"/>
    public abstract void AddScaled(float factor, float* source, float* destination, long length);

    /// <inheritdoc cref="Mixing.TanhBackward"/>
    public abstract void TanhBackward(float* tanh, float* gradient, long length);
}

/// <content>Normalising and mixing of rows.</content>
internal sealed unsafe partial class KernelSet<L>
{
    public override void LayerNormForward(float* v, int rows, int length, nint stride, float* gain, float* shift, float epsilon, float* y, float* statistics) =>
        LayerNormalization.Forward<L>(v, rows, length, stride, gain, shift, epsilon, y, statistics);

    public override void LayerNormBackward(float* v, float* statistics, int rows, int length, float* gain, float* dy, float* dv) =>
        LayerNormalization.Backward<L>(v, statistics, rows, length, gain, dy, dv);

    public override void LayerNormGradients(float* v, float* statistics, float* dy, int rows, nint stride, int columns, float* dGain, float* dShift) =>
        LayerNormalization.AddGradients<L>(v, statistics, dy, rows, stride, columns, dGain, dShift);

    public override void Blend(float* kept, float rate, float* previous, float* value, long length) => Mixing.Blend<L>(kept, rate, previous, value, length);

    public override void Unblend(float* kept, float* gradient, float* rest, long length) => Mixing.Unblend<L>(kept, gradient, rest, length);

    public override void Sum(float* x, float* y, float* destination, long length) => Mixing.Sum<L>(x, y, destination, length);

    public override float Dot(float* x, float* y, long length) => Mixing.Dot<L>(x, y, length);

    public override void AddScaled(float factor, float* source, float* destination, long length) => Mixing.AddScaled<L>(factor, source, destination, length);

    public override void TanhBackward(float* tanh, float* gradient, long length) => Mixing.TanhBackward<L>(tanh, gradient, length);
}
