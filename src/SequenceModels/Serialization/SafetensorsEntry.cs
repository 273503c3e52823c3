using System.Text.Json;

namespace SequenceModels.Serialization;

/// <summary>Reads one tensor's entry in a header.</summary>
internal static class SafetensorsEntry
{
    public static SafetensorsTensor Read(string name, JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw Bad(name, "is not an object");
        JsonElement? typeMember = null, shapeMember = null, offsetsMember = null;
        foreach (var member in entry.EnumerateObject())
        {
            ref JsonElement? place = ref typeMember;
            if (member.NameEquals("shape"))
                place = ref shapeMember;
            else if (member.NameEquals("data_offsets"))
                place = ref offsetsMember;
            else if (!member.NameEquals("dtype"))
                throw Bad(name, $"has a member '{JsonStrings.NameOrNull(member)}'");
            if (place is not null)
                throw Bad(name, $"has '{member.Name}' twice");
            place = member.Value;
        }

        var type = TypeOf(name, typeMember);
        long[] shape = NumbersOf(name, "shape", shapeMember);
        long[] offsets = NumbersOf(name, "data_offsets", offsetsMember);
        if (offsets.Length != 2)
            throw Bad(name, $"has {offsets.Length} data_offsets instead of 2");

        var (begin, end) = (offsets[0], offsets[1]);
        if (end < begin)
            throw new SafetensorsException(SafetensorsError.BadOffsets, name, $"Tensor '{name}' ends at byte {end}, before it begins at {begin}.");
        long bytes = BytesOf(name, type, shape);
        if (end - begin != bytes)
        {
            throw new SafetensorsException(SafetensorsError.SizeMismatch, name,
                $"Tensor '{name}' of type {type} and shape [{string.Join(", ", shape)}] needs {bytes} bytes, but its offsets hold {end - begin}.");
        }

        return new SafetensorsTensor(name, type, shape, begin, end);
    }

    private static SafetensorsType TypeOf(string name, JsonElement? member)
    {
        if (member is not { ValueKind: JsonValueKind.String } text)
            throw Bad(name, "has no dtype that is a string");
        string typeName = JsonStrings.ValueOrNull(text) ?? throw Bad(name, "has a dtype that is not well-formed text");
        return SafetensorsTypes.ByNameOrNull(typeName)
            ?? throw new SafetensorsException(SafetensorsError.UnknownType, name, $"Tensor '{name}' has the unknown type '{typeName}'.");
    }

    private static long[] NumbersOf(string name, string what, JsonElement? member)
    {
        if (member is not { ValueKind: JsonValueKind.Array } array)
            throw Bad(name, $"has no {what} that is an array");
        var numbers = new long[array.GetArrayLength()];
        int index = 0;
        foreach (var element in array.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out long number) || number < 0)
                throw Bad(name, $"has a number in {what} that is not whole, negative or too large");
            numbers[index++] = number;
        }

        return numbers;
    }

    private static long BytesOf(string name, SafetensorsType type, long[] shape)
    {
        try
        {
            long bytes = SafetensorsTypes.BytesOf(type);
            foreach (long dimension in shape)
                bytes = checked(bytes * dimension);
            return bytes;
        }
        catch (OverflowException problem)
        {
            throw new SafetensorsException(SafetensorsError.ShapeOverflow, name, $"Tensor '{name}' has the impossible shape [{string.Join(", ", shape)}].", problem);
        }
    }

    private static SafetensorsException Bad(string name, string what) =>
        new(SafetensorsError.BadEntry, name, $"The entry of tensor '{name}' {what}.");
}
