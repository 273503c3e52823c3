namespace SequenceModels.Kernels;

// The update rules and what goes with them; Adam's are with the other kernels.
internal abstract unsafe partial class KernelSet
{
    /// <inheritdoc cref="SgdUpdate.Run"/>
    public abstract void Sgd(float* values, float* gradients, float* directions, long length, in UpdateConstants constants, float momentum, bool nesterov);

    /// <inheritdoc cref="AveragedSgdUpdate.Run"/>
    public abstract void AveragedSgd(float* values, float* gradients, float* averages, long length, in UpdateConstants constants, float part);

    /// <inheritdoc cref="RmsPropUpdate.Run"/>
    public abstract void RmsProp(
        float* values, float* gradients, float* squares, float* means, float* directions, long length, in UpdateConstants constants, in RmsPropUpdate.Constants rule);

    /// <inheritdoc cref="AdagradUpdate.Run"/>
    public abstract void Adagrad(float* values, float* gradients, float* squares, long length, in UpdateConstants constants, float epsilon);

    /// <inheritdoc cref="ValueClipping.Run"/>
    public abstract void ClipValues(float* x, long length, float limit);

    /// <inheritdoc cref="Softplus.OfMinus"/>
    public abstract void SoftplusOfMinus(float* z, float* softplus, float* sigmoid, long length);
}

internal sealed unsafe partial class KernelSet<L>
{
    public override void Sgd(float* values, float* gradients, float* directions, long length, in UpdateConstants constants, float momentum, bool nesterov) =>
        SgdUpdate.Run<L>(values, gradients, directions, length, constants, momentum, nesterov);

    public override void AveragedSgd(float* values, float* gradients, float* averages, long length, in UpdateConstants constants, float part) =>
        AveragedSgdUpdate.Run<L>(values, gradients, averages, length, constants, part);

    public override void RmsProp(
        float* values, float* gradients, float* squares, float* means, float* directions, long length, in UpdateConstants constants, in RmsPropUpdate.Constants rule) =>
        RmsPropUpdate.Run<L>(values, gradients, squares, means, directions, length, constants, rule);

    public override void Adagrad(float* values, float* gradients, float* squares, long length, in UpdateConstants constants, float epsilon) =>
        AdagradUpdate.Run<L>(values, gradients, squares, length, constants, epsilon);

    public override void ClipValues(float* x, long length, float limit) => ValueClipping.Run<L>(x, length, limit);

    public override void SoftplusOfMinus(float* z, float* softplus, float* sigmoid, long length) => Softplus.OfMinus<L>(z, softplus, sigmoid, length);
}
