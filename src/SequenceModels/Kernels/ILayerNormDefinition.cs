namespace SequenceModels.Kernels;

/// <summary>Which of the definitions of docs/equations.md, section 15, a normalised LSTM follows. The kernel is compiled for each apart.</summary>
internal interface ILayerNormDefinition
{
    /// <summary>Whether the sum of the products is normalised gate by gate (15.9), not each product over all gates (15.8).</summary>
    static abstract bool GateByGate { get; }

    /// <summary>Whether the cell state is carried normalised.</summary>
    static abstract bool CarriesNormal { get; }
}

/// <summary>Products and what the output gate lets through (Ba, Kiros, Hinton 2016).</summary>
internal readonly struct NormalProductsAndOutput : ILayerNormDefinition
{
    public static bool GateByGate => false;

    public static bool CarriesNormal => false;
}

/// <summary>Products and the cell state itself (PyTorch's benchmark <c>custom_lstms</c>).</summary>
internal readonly struct NormalProductsAndCell : ILayerNormDefinition
{
    public static bool GateByGate => false;

    public static bool CarriesNormal => true;
}

/// <summary>Each gate's sum of products and what the output gate lets through.</summary>
internal readonly struct NormalGatesAndOutput : ILayerNormDefinition
{
    public static bool GateByGate => true;

    public static bool CarriesNormal => false;
}
