namespace SequenceModels.Serialization;

/// <summary>Element types of the safetensors format, by their names on disk.</summary>
public enum SafetensorsType
{
    /// <summary>Truth value of one byte.</summary>
    Bool,

    /// <summary>Unsigned, 8 bits.</summary>
    U8,

    /// <summary>Signed, 8 bits.</summary>
    I8,

    /// <summary>Floating point of 8 bits, 5 of them exponent.</summary>
    F8E5M2,

    /// <summary>Floating point of 8 bits, 4 of them exponent.</summary>
    F8E4M3,

    /// <summary>Signed, 16 bits.</summary>
    I16,

    /// <summary>Unsigned, 16 bits.</summary>
    U16,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>The upper half of IEEE single precision.</summary>
    BF16,

    /// <summary>Signed, 32 bits.</summary>
    I32,

    /// <summary>Unsigned, 32 bits.</summary>
    U32,

    /// <summary>IEEE single precision.</summary>
    F32,

    /// <summary>Signed, 64 bits.</summary>
    I64,

    /// <summary>Unsigned, 64 bits.</summary>
    U64,

    /// <summary>IEEE double precision.</summary>
    F64,

    /// <summary>Complex of two single-precision numbers.</summary>
    C64,
}

/// <summary>One tensor as the header of a safetensors file describes it, checked.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its dimensions, slowest first; none for a scalar, zeros allowed.</param>
/// <param name="Begin">First byte of its data, counted from the end of the header.</param>
/// <param name="End">First byte after its data.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Begin, long End)
{
    /// <summary>Number of elements.</summary>
    public long Elements => (End - Begin) / SafetensorsTypes.BytesOf(Type);
}
