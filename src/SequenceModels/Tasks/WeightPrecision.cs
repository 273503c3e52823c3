namespace SequenceModels.Tasks;

#pragma warning disable CA1720 // The types' names are what tells the precisions apart.
/// <summary>How a loaded model keeps the weights of its products. Parameters on disk and in training are always single floats.</summary>
public enum WeightPrecision
{
    /// <summary>As trained.</summary>
    Float32,

    /// <summary>The upper half of each float, rounded to nearest even: half the memory, 8 significant bits, sums in single floats.</summary>
    Bfloat16,

    /// <summary>
    /// Integers of 8 bits with one scale a column (docs/precision.md): a quarter of the memory. What is multiplied with them is rounded to 12 bits, with one scale a row; sums are exact.
    /// </summary>
    Int8,
}
#pragma warning restore CA1720
