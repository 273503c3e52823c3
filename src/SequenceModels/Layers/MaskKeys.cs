namespace SequenceModels.Layers;

/// <summary>Which of a training step's masks random numbers are for: the tensor of their key.</summary>
internal static class MaskKeys
{
    /// <summary>Before the output layer.</summary>
    public const uint Output = 1000;

    /// <summary>Tokens' rows of the embedding.</summary>
    public const uint Embedding = 4000;

    /// <summary>What all keys of a decoder are counted from, so that it shares none with its encoder.</summary>
    public const uint Decoder = 10_000;

    /// <summary>What a layer reads: embeddings, or the outputs of the layer below.</summary>
    public static uint Input(int layer) => (uint)layer;

    /// <summary>Recurrent weights of a layer and direction.</summary>
    public static uint Weights(int layer, int direction) => (uint)(2000 + 2 * layer + direction);

    /// <summary>Hidden states (or cell states) of a layer that stay as they are.</summary>
    public static uint Zoneout(int layer, bool cell) => (uint)(3000 + 2 * layer + (cell ? 1 : 0));
}
