namespace SequenceModels.Serialization;

/// <summary>Names and sizes of element types.</summary>
internal static class SafetensorsTypes
{
    public static SafetensorsType? ByNameOrNull(string name) => name switch
    {
        "BOOL" => SafetensorsType.Bool,
        "U8" => SafetensorsType.U8,
        "I8" => SafetensorsType.I8,
        "F8_E5M2" => SafetensorsType.F8E5M2,
        "F8_E4M3" => SafetensorsType.F8E4M3,
        "I16" => SafetensorsType.I16,
        "U16" => SafetensorsType.U16,
        "F16" => SafetensorsType.F16,
        "BF16" => SafetensorsType.BF16,
        "I32" => SafetensorsType.I32,
        "U32" => SafetensorsType.U32,
        "F32" => SafetensorsType.F32,
        "I64" => SafetensorsType.I64,
        "U64" => SafetensorsType.U64,
        "F64" => SafetensorsType.F64,
        "C64" => SafetensorsType.C64,
        _ => null,
    };

    public static int BytesOf(SafetensorsType type) => type switch
    {
        SafetensorsType.Bool or SafetensorsType.U8 or SafetensorsType.I8 or SafetensorsType.F8E5M2 or SafetensorsType.F8E4M3 => 1,
        SafetensorsType.I16 or SafetensorsType.U16 or SafetensorsType.F16 or SafetensorsType.BF16 => 2,
        SafetensorsType.I32 or SafetensorsType.U32 or SafetensorsType.F32 => 4,
        _ => 8,
    };

    public static bool ReadsAsFloat(SafetensorsType type) =>
        type is SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.F32 or SafetensorsType.F64;
}
