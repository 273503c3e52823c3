using System.Buffers.Binary;
using SequenceModels.Tensors;

namespace SequenceModels.Serialization;

/// <summary>
/// Reads safetensors files (docs/file-formats.md), trusting nothing: every length, offset, name, type and shape is checked before a value is read.
/// A file is streamed: besides the header only one small buffer is held.
/// </summary>
public static class SafetensorsReader
{
    /// <summary>Longest header that is read, in bytes: room for tens of thousands of tensors.</summary>
    public const int MaximumHeaderBytes = 8 * 1024 * 1024;

    private const int ChunkBytes = 65_536;

    /// <summary>Of F16 and BF16.</summary>
    private const int ShortestValueBytes = 2;

    /// <summary>Reads the header and leaves the stream at the first byte of data.</summary>
    /// <param name="source">The file, at its beginning. If it can seek, its length is checked at once; otherwise when the values are read.</param>
    /// <returns>The tensors of the file.</returns>
    /// <exception cref="SafetensorsException">The file breaks a rule of the format.</exception>
    public static SafetensorsHeader ReadHeader(Stream source)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        if (source.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
            throw new SafetensorsException(SafetensorsError.NoHeader, null, "The file is shorter than 8 bytes.");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaximumHeaderBytes)
            throw new SafetensorsException(SafetensorsError.HeaderTooLarge, null, $"The header has {length} bytes; at most {MaximumHeaderBytes} are read.");
        if (source.CanSeek && source.Length - source.Position < (long)length)
            throw HeaderTruncated(length);
        var json = new byte[length];
        if (source.ReadAtLeast(json, json.Length, throwOnEndOfStream: false) < json.Length)
            throw HeaderTruncated(length);

        var header = SafetensorsHeader.Parse(json);
        if (source.CanSeek)
        {
            long present = source.Length - source.Position;
            if (present < header.DataBytes)
                throw DataTruncated(header, present);
            if (present > header.DataBytes)
                throw TrailingData(header);
        }

        return header;
    }

    /// <summary>
    /// Reads values into a model's parameters. The file must hold exactly the model's tensors, with its shapes, as F32, F16, BF16 or F64; all that is checked before the
    /// first value is written. Only if a stream that cannot seek turns out cut off are the parameters left half read.
    /// </summary>
    /// <param name="skeleton">The model's parameters: names and shapes are compared, values are overwritten.</param>
    /// <param name="source">The file, at its beginning; read to its end.</param>
    /// <exception cref="SafetensorsException">The file breaks a rule of the format, or is not this model's.</exception>
    public static void ReadInto(ParameterSet skeleton, Stream source) => ReadInto(skeleton, source, StateDictNames.Same);

    /// <summary>As <see cref="ReadInto(ParameterSet, Stream)"/>, from a file whose tensors may have other names than the parameters, such as a state dictionary of PyTorch.</summary>
    /// <param name="skeleton">The model's parameters: shapes are compared, values are overwritten.</param>
    /// <param name="source">The file, at its beginning; read to its end.</param>
    /// <param name="names">Which tensor each parameter is read from.</param>
    /// <exception cref="SafetensorsException">The file breaks a rule of the format, or is not this model's.</exception>
    public static void ReadInto(ParameterSet skeleton, Stream source, StateDictNames names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var header = ReadHeader(source);
        var parameterByTensor = Compare(skeleton, header, names.Resolve(skeleton, header));
        var buffer = new byte[ChunkBytes];
        foreach (var tensor in header.Tensors)
            ReadValues(tensor, source, parameterByTensor[tensor.Name].Values, buffer);
        if (source.ReadByte() >= 0)
            throw TrailingData(header);
    }

    /// <summary>A file that is too short for a network is refused before memory for the network is taken: what says how large it is may say anything.</summary>
    /// <param name="source">The file, at its beginning. Of one that cannot seek nothing is known yet.</param>
    /// <param name="values">Parameters of the network.</param>
    /// <exception cref="SafetensorsException">The file ends before as many values, of the shortest type, can have come.</exception>
    internal static void RequireRoomFor(Stream source, long values)
    {
        if (source.CanSeek && (source.Length - source.Position) / ShortestValueBytes < values)
            throw new SafetensorsException(SafetensorsError.DataTruncated, null, $"The file has {source.Length - source.Position} bytes, too few for the {values} parameters of the network.");
    }

    /// <summary>Reads one tensor as numbers of single precision; F64 is rounded.</summary>
    /// <param name="tensor">A tensor of the file's header.</param>
    /// <param name="source">The file, at the first byte of this tensor's data: tensors are read one after another in the header's order.</param>
    /// <param name="destination">Receives the values, row-major; as long as the tensor has elements.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another length than the tensor.</exception>
    /// <exception cref="SafetensorsException">The type cannot be read as float, or the file ends.</exception>
    public static void ReadFloats(SafetensorsTensor tensor, Stream source, Span<float> destination)
    {
        if (destination.Length != tensor.Elements)
            throw new ArgumentException($"Tensor '{tensor.Name}' has {tensor.Elements} elements, not {destination.Length}.", nameof(destination));
        RequireFloat(tensor);
        ReadValues(tensor, source, destination, new byte[ChunkBytes]);
    }

    /// <summary>The parameter of each tensor, which must be as many and of the same shapes.</summary>
    private static Dictionary<string, Parameter> Compare(ParameterSet skeleton, SafetensorsHeader header, IReadOnlyDictionary<string, string> tensorByParameter)
    {
        var parameterByTensor = new Dictionary<string, Parameter>(skeleton.Parameters.Count, StringComparer.Ordinal);
        foreach (var parameter in skeleton.Parameters)
        {
            string name = tensorByParameter[parameter.Name];
            var tensor = header.FindOrNull(name)
                ?? throw new SafetensorsException(SafetensorsError.MissingTensor, name,
                    $"Tensor '{name}' of shape [{string.Join(", ", parameter.Shape)}] is missing from the file.");
            if (!tensor.Shape.SequenceEqual(parameter.Shape.Select(dimension => (long)dimension)))
            {
                throw new SafetensorsException(SafetensorsError.ShapeMismatch, tensor.Name,
                    $"Tensor '{tensor.Name}' has the shape [{string.Join(", ", tensor.Shape)}] in the file, but [{string.Join(", ", parameter.Shape)}] in the model.");
            }

            RequireFloat(tensor);
            if (!parameterByTensor.TryAdd(name, parameter))
                throw new SafetensorsException(SafetensorsError.AmbiguousName, name, $"Tensor '{name}' is that of both '{parameterByTensor[name].Name}' and '{parameter.Name}'.");
        }

        if (header.Tensors.FirstOrDefault(tensor => !parameterByTensor.ContainsKey(tensor.Name)) is { } extra)
            throw new SafetensorsException(SafetensorsError.UnexpectedTensor, extra.Name, $"Tensor '{extra.Name}' of shape [{string.Join(", ", extra.Shape)}] is not one of the model's.");
        return parameterByTensor;
    }

    private static void RequireFloat(SafetensorsTensor tensor)
    {
        if (!SafetensorsTypes.ReadsAsFloat(tensor.Type))
            throw new SafetensorsException(SafetensorsError.UnsupportedType, tensor.Name, $"Tensor '{tensor.Name}' has the type {tensor.Type}; F32, F16, BF16 and F64 are read.");
    }

    private static void ReadValues(SafetensorsTensor tensor, Stream source, Span<float> destination, byte[] buffer)
    {
        int size = SafetensorsTypes.BytesOf(tensor.Type);
        while (destination.Length > 0)
        {
            int count = Math.Min(destination.Length, buffer.Length / size);
            var bytes = buffer.AsSpan(0, count * size);
            if (source.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
                throw new SafetensorsException(SafetensorsError.DataTruncated, tensor.Name, $"The file ends within tensor '{tensor.Name}'.");
            Convert(tensor.Type, bytes, destination[..count]);
            destination = destination[count..];
        }
    }

    private static void Convert(SafetensorsType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (type)
        {
            case SafetensorsType.F32:
                for (int i = 0; i < values.Length; i++)
                    values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
                break;
            case SafetensorsType.F64:
                for (int i = 0; i < values.Length; i++)
                    values[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(i * sizeof(double))..]);
                break;
            case SafetensorsType.F16:
                for (int i = 0; i < values.Length; i++)
                    values[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(i * sizeof(ushort))..]);
                break;
            default:
                for (int i = 0; i < values.Length; i++)
                    values[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * sizeof(ushort))..]) << 16);
                break;
        }
    }

    private static SafetensorsException HeaderTruncated(ulong length) =>
        new(SafetensorsError.HeaderTruncated, null, $"The file ends within its header of {length} bytes.");

    private static SafetensorsException DataTruncated(SafetensorsHeader header, long present)
    {
        var tensor = header.Tensors.First(tensor => tensor.End > present);
        return new(SafetensorsError.DataTruncated, tensor.Name, $"The file holds {present} of {header.DataBytes} bytes of data: it ends before the end of tensor '{tensor.Name}'.");
    }

    private static SafetensorsException TrailingData(SafetensorsHeader header) =>
        new(SafetensorsError.TrailingData, null, $"The file goes on after the {header.DataBytes} bytes of its tensors.");
}
