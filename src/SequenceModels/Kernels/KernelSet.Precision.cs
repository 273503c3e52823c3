namespace SequenceModels.Kernels;

/// <content>Products with weights of few bits.</content>
internal abstract unsafe partial class KernelSet
{
    /// <inheritdoc cref="PanelProduct.Bfloat16"/>
    public abstract void Bfloat16Product(float* a, nint rowStride, int rows, int depth, byte* panels, int columns, float* initial, float* c, nint resultStride);

    /// <inheritdoc cref="PanelProduct.Int8"/>
    public abstract void Int8Product(float* a, nint rowStride, int rows, int depth, byte* panels, float* scales, int columns, float* initial, float* c, nint resultStride);
}

/// <content>Products with weights of few bits.</content>
internal sealed unsafe partial class KernelSet<L>
{
    public override void Bfloat16Product(float* a, nint rowStride, int rows, int depth, byte* panels, int columns, float* initial, float* c, nint resultStride) =>
        PanelProduct.Bfloat16<L>(a, rowStride, rows, depth, panels, columns, initial, c, resultStride);

    public override void Int8Product(float* a, nint rowStride, int rows, int depth, byte* panels, float* scales, int columns, float* initial, float* c, nint resultStride)
    {
        switch (width)
        {
            case SimdWidth.Vector512:
                PanelProduct.Int8<L, Int8Panel512>(a, rowStride, rows, depth, panels, scales, columns, initial, c, resultStride);
                break;
            case SimdWidth.Vector256:
                PanelProduct.Int8<L, Int8Panel256>(a, rowStride, rows, depth, panels, scales, columns, initial, c, resultStride);
                break;
            case SimdWidth.Vector128:
                PanelProduct.Int8<L, Int8Panel128>(a, rowStride, rows, depth, panels, scales, columns, initial, c, resultStride);
                break;
            default:
                PanelProduct.Int8<L, Int8PanelScalar>(a, rowStride, rows, depth, panels, scales, columns, initial, c, resultStride);
                break;
        }
    }
}
