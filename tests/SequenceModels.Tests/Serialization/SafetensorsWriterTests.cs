using System.Buffers.Binary;
using System.Text;
using SequenceModels.Serialization;
using SequenceModels.Tensors;

namespace SequenceModels.Tests.Serialization;

public sealed class SafetensorsWriterTests
{
    [Fact]
    public void The_bytes_are_the_format_s_and_nothing_else()
    {
        using var parameters = new ParameterSet([("b", [2]), ("a.weight", [1, 2])]);
        parameters["b"].Values[0] = 1;
        parameters["b"].Values[1] = 2;
        parameters["a.weight"].Values[0] = 3;
        parameters["a.weight"].Values[1] = -0.5f;

        byte[] file = Write(parameters);

        const string header = """{"a.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""";
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        Assert.Equal(header, Encoding.UTF8.GetString(file, 8, length).TrimEnd(' '));
        Assert.Equal(0, length % 8);
        Assert.InRange(length - header.Length, 0, 7);
        Assert.Equal([3f, -0.5f, 1f, 2f], Enumerable.Range(0, 4).Select(i => BinaryPrimitives.ReadSingleLittleEndian(file.AsSpan(8 + length + 4 * i))));
        Assert.Equal(8 + length + 16, file.Length);
    }

    [Fact]
    public void Equal_parameters_give_equal_bytes_in_whatever_order_they_are_laid_out()
    {
        using var first = Filled([("x", [40_000, 3]), ("y", [5]), ("ä 中", [1])]);
        using var second = Filled([("ä 中", [1]), ("y", [5]), ("x", [40_000, 3])]);

        Assert.Equal(Write(first), Write(second));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void What_was_written_is_read_bit_by_bit(bool canSeek)
    {
        using var written = Filled([("x", [40_000, 3]), ("y", [5]), ("ä 中", [1])]);
        written["y"].Values[0] = float.NaN;
        written["y"].Values[1] = -0f;
        written["y"].Values[2] = float.Epsilon;
        written["y"].Values[3] = float.PositiveInfinity;
        using var read = new ParameterSet([("y", [5]), ("x", [40_000, 3]), ("ä 中", [1])]);
        using var memory = new MemoryStream(Write(written));
        using Stream source = canSeek ? memory : new ForwardOnlyStream(memory);

        SafetensorsReader.ReadInto(read, source);

        foreach (var parameter in written.Parameters)
            Assert.Equal(Bits(parameter.Values), Bits(read[parameter.Name].Values));
    }

    [Fact]
    public void The_padding_between_tensors_stays_zero()
    {
        using var read = new ParameterSet([("y", [5]), ("x", [3])]);
        using var written = Filled([("x", [3]), ("y", [5])]);
        using var source = new MemoryStream(Write(written));

        SafetensorsReader.ReadInto(read, source);

        double sum = 0;
        foreach (float value in read.Values.Slice(0, (int)read.Values.Length))
            sum += value;
        Assert.Equal(3 * 4 / 2 + 5 * 6 / 2, sum);
    }

    private static int[] Bits(ReadOnlySpan<float> values) => [.. values.ToArray().Select(BitConverter.SingleToInt32Bits)];

    private static ParameterSet Filled((string Name, int[] Shape)[] shapes)
    {
        var parameters = new ParameterSet(shapes);
        foreach (var parameter in parameters.Parameters)
        {
            for (int i = 0; i < parameter.Length; i++)
                parameter.Values[i] = i + 1;
        }

        return parameters;
    }

    private static byte[] Write(ParameterSet parameters)
    {
        using var memory = new MemoryStream();
        using var destination = new ForwardOnlyStream(memory);
        SafetensorsWriter.Write(parameters, destination);
        return memory.ToArray();
    }
}
