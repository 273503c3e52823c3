using Google.Protobuf;
using SequenceModels.Serialization.Onnx;

namespace SequenceModels.Tests.Serialization.Onnx;

public sealed class OnnxMessageTests
{
    [Fact]
    public void Fields_are_written_as_protocol_buffers_in_the_order_of_their_addition()
    {
        var inner = new OnnxMessage().Add(20, -1);
        var message = new OnnxMessage().Add(1, 150).Add(2, "testing").Add(3, inner).Add(9, 2, () => [7, 8]);
        using var file = new MemoryStream();
        message.WriteTo(file);

        Assert.Equal(message.Size, file.Length);
        using var input = new CodedInputStream(file.ToArray());
        Assert.Equal(WireFormat.MakeTag(1, WireFormat.WireType.Varint), input.ReadTag());
        Assert.Equal(150, input.ReadInt64());
        Assert.Equal(WireFormat.MakeTag(2, WireFormat.WireType.LengthDelimited), input.ReadTag());
        Assert.Equal("testing", input.ReadString());
        Assert.Equal(WireFormat.MakeTag(3, WireFormat.WireType.LengthDelimited), input.ReadTag());
        Assert.Equal(inner.Size, input.ReadLength());
        Assert.Equal(WireFormat.MakeTag(20, WireFormat.WireType.Varint), input.ReadTag());
        Assert.Equal(-1, input.ReadInt64());
        Assert.Equal(WireFormat.MakeTag(9, WireFormat.WireType.LengthDelimited), input.ReadTag());
        Assert.Equal([7, 8], input.ReadBytes().ToByteArray());
        Assert.True(input.IsAtEnd);
    }

    [Fact]
    public void A_message_that_is_too_long_is_refused_before_anything_is_made_or_written()
    {
        var half = new OnnxMessage().Add(1, 1L << 30, () => throw new InvalidOperationException("Nobody should ask."));
        var message = new OnnxMessage().Add(1, half).Add(1, half);
        using var file = new MemoryStream();

        Assert.True(message.Size > 1L << 31);
        Assert.Throws<NotSupportedException>(() => message.WriteTo(file));
        Assert.Equal(0, file.Length);
    }

    [Fact]
    public void Content_of_another_length_than_told_is_a_bug()
    {
        var message = new OnnxMessage().Add(1, 3, () => [1, 2]);
        Assert.Throws<InvalidOperationException>(() => message.WriteTo(Stream.Null));
    }
}
