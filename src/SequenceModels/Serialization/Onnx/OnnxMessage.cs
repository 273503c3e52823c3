using Google.Protobuf;

namespace SequenceModels.Serialization.Onnx;

/// <summary>
/// A protocol-buffers message that is put together field by field and written in that order. A field's size is known when it is added; long contents are made
/// only when they are written, one at a time.
/// </summary>
internal sealed class OnnxMessage
{
    /// <summary>Longest message that protocol buffers allow, in bytes: 2 GiB less one.</summary>
    public const long LargestBytes = int.MaxValue;

    private readonly List<Action<CodedOutputStream>> _fields = [];

    /// <summary>Bytes of all fields added so far.</summary>
    public long Size { get; private set; }

    public OnnxMessage Add(int field, long value) =>
        Add(field, WireFormat.WireType.Varint, CodedOutputStream.ComputeInt64Size(value), output => output.WriteInt64(value));

    public OnnxMessage Add(int field, string text) =>
        Add(field, WireFormat.WireType.LengthDelimited, CodedOutputStream.ComputeStringSize(text), output => output.WriteString(text));

    /// <summary>Adds a message that is whole: what is added to it later does not count.</summary>
    public OnnxMessage Add(int field, OnnxMessage message) => AddLengthDelimited(field, message.Size, output =>
    {
        output.WriteLength(checked((int)message.Size));
        message.WriteFields(output);
    });

    /// <summary>Adds bytes.</summary>
    /// <param name="field">The field's number.</param>
    /// <param name="length">How many there are.</param>
    /// <param name="content">Makes them.</param>
    public OnnxMessage Add(int field, long length, Func<byte[]> content) => AddLengthDelimited(field, length, output =>
    {
        byte[] bytes = content();
        if (bytes.Length != length)
            throw new InvalidOperationException($"Field {field} has {bytes.Length} bytes instead of {length}.");
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(bytes));
    });

    /// <summary>Writes the message as a file.</summary>
    /// <param name="destination">Receives it; stays open.</param>
    /// <exception cref="NotSupportedException">The message is longer than <see cref="LargestBytes"/>; nothing is written.</exception>
    public void WriteTo(Stream destination)
    {
        if (Size > LargestBytes)
            throw new NotSupportedException($"An ONNX file has at most {LargestBytes} bytes; this one would have {Size}.");
        using var output = new CodedOutputStream(destination, leaveOpen: true);
        WriteFields(output);
    }

    private void WriteFields(CodedOutputStream output)
    {
        foreach (var field in _fields)
            field(output);
    }

    private OnnxMessage AddLengthDelimited(int field, long length, Action<CodedOutputStream> write) =>
        Add(field, WireFormat.WireType.LengthDelimited, CodedOutputStream.ComputeUInt64Size((ulong)length) + length, write);

    private OnnxMessage Add(int field, WireFormat.WireType type, long size, Action<CodedOutputStream> write)
    {
        Size = checked(Size + CodedOutputStream.ComputeTagSize(field) + size);
        _fields.Add(output =>
        {
            output.WriteTag(field, type);
            write(output);
        });
        return this;
    }
}
