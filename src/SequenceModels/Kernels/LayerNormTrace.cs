namespace SequenceModels.Kernels;

/// <summary>What a normalised LSTM keeps of a step (<see cref="LayerNormLstmCell{TDefinition}"/>).</summary>
internal static class LayerNormTrace
{
    /// <summary>Blocks of S floats: four gates, and what was normalised for each.</summary>
    public const int Blocks = 8;

    /// <summary>Floats behind the blocks.</summary>
    public const int Scalars = 16;
}
