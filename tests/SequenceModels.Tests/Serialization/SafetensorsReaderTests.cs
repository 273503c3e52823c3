using SequenceModels.Randomness;
using SequenceModels.Serialization;
using SequenceModels.Tensors;
using static SequenceModels.Tests.Serialization.SafetensorsFiles;

namespace SequenceModels.Tests.Serialization;

public sealed class SafetensorsReaderTests
{
    private static readonly byte[] s_twoFloats = [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)];

    [Fact]
    public void A_file_shorter_than_its_length_is_refused() => Refused([1, 2, 3], SafetensorsError.NoHeader);

    [Fact]
    public void A_header_beyond_the_cap_is_refused_without_being_read()
    {
        Refused(Of(SafetensorsReader.MaximumHeaderBytes + 1, [], []), SafetensorsError.HeaderTooLarge);
        Refused(Of(ulong.MaxValue, [], []), SafetensorsError.HeaderTooLarge);
    }

    [Fact]
    public void A_file_that_ends_within_its_header_is_refused() => Refused(Of(10, "{}"u8.ToArray(), []), SafetensorsError.HeaderTruncated);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData(" {}")]
    [InlineData("{")]
    [InlineData("{}x")]
    [InlineData("{\"\\ud800\":{}}")]
    [InlineData("{\"a\":[[[[[]]]]]}")]
    public void A_header_that_is_no_json_object_is_refused(string header) => Refused(Of(header, []), SafetensorsError.HeaderNotJson);

    [Fact]
    public void A_header_that_is_no_utf8_is_refused() => Refused(Of(6, [(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'}'], []), SafetensorsError.HeaderNotJson);

    [Theory]
    [InlineData("1")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"a\":\"x\",\"a\":\"y\"}")]
    [InlineData("{\"a\":\"\\udc00\"}")]
    public void Metadata_that_is_no_object_of_strings_is_refused(string metadata) => Refused(Of($"{{\"__metadata__\":{metadata}}}", []), SafetensorsError.BadMetadata);

    [Fact]
    public void A_name_that_stands_twice_is_refused() =>
        Refused(Of($"{{{Entry("a", "F32", "[1]", 0, 4)},{Entry("a", "F32", "[1]", 4, 8)}}}", s_twoFloats), SafetensorsError.DuplicateName, "a");

    [Theory]
    [InlineData("1")]
    [InlineData("{}")]
    [InlineData("""{"dtype":"F32","shape":[2]}""")]
    [InlineData("""{"dtype":"F32","data_offsets":[0,8]}""")]
    [InlineData("""{"shape":[2],"data_offsets":[0,8]}""")]
    [InlineData("""{"dtype":"F32","shape":[2],"data_offsets":[0,8],"note":1}""")]
    [InlineData("""{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}""")]
    [InlineData("""{"dtype":1,"shape":[2],"data_offsets":[0,8]}""")]
    [InlineData("""{"dtype":"F32","shape":2,"data_offsets":[0,8]}""")]
    [InlineData("""{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}""")]
    [InlineData("""{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}""")]
    [InlineData("""{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}""")]
    [InlineData("""{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}""")]
    [InlineData("""{"dtype":"F32","shape":[2],"data_offsets":[0]}""")]
    [InlineData("""{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}""")]
    [InlineData("""{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}""")]
    [InlineData("""{"dtype":"\ud800","shape":[2],"data_offsets":[0,8]}""")]
    public void An_entry_with_a_member_missing_or_wrong_is_refused(string entry) => Refused(Of($"{{\"w\":{entry}}}", s_twoFloats), SafetensorsError.BadEntry, "w");

    [Fact]
    public void An_unknown_type_is_refused() => Refused(Of($"{{{Entry("w", "F31", "[2]", 0, 8)}}}", s_twoFloats), SafetensorsError.UnknownType, "w");

    [Fact]
    public void A_shape_beyond_63_bits_is_refused() => Refused(Of($"{{{Entry("w", "F32", "[4294967296,4294967296]", 0, 8)}}}", s_twoFloats), SafetensorsError.ShapeOverflow, "w");

    [Fact]
    public void Data_that_ends_before_it_begins_is_refused() => Refused(Of($"{{{Entry("w", "F32", "[2]", 8, 0)}}}", s_twoFloats), SafetensorsError.BadOffsets, "w");

    [Fact]
    public void Data_of_another_length_than_the_shape_s_is_refused()
    {
        string message = Refused(Of($"{{{Entry("w", "F32", "[3]", 0, 8)}}}", s_twoFloats), SafetensorsError.SizeMismatch, "w");

        Assert.Equal("Tensor 'w' of type F32 and shape [3] needs 12 bytes, but its offsets hold 8.", message);
    }

    [Fact]
    public void Tensors_that_share_bytes_are_refused() =>
        Refused(Of($"{{{Entry("a", "F32", "[1]", 0, 4)},{Entry("b", "F32", "[1]", 2, 6)}}}", s_twoFloats), SafetensorsError.Overlap, "b");

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 3)]
    public void Bytes_of_no_tensor_before_or_between_are_refused(long firstBegin, long secondBegin) =>
        Refused(Of($"{{{Entry("a", "U8", "[1]", firstBegin, firstBegin + 1)},{Entry("b", "U8", "[1]", secondBegin, secondBegin + 1)}}}", s_twoFloats), SafetensorsError.Gap);

    [Theory, InlineData(true), InlineData(false)]
    public void A_file_that_ends_before_its_last_tensor_is_refused(bool canSeek)
    {
        byte[] file = Of($"{{{Entry("a", "F32", "[1]", 0, 4)},{Entry("b", "F32", "[1]", 4, 8)}}}", s_twoFloats[..7]);

        Refused(file, SafetensorsError.DataTruncated, "b", canSeek);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_file_that_goes_on_after_its_last_tensor_is_refused(bool canSeek) =>
        Refused(Of($"{{{Entry("a", "F32", "[1]", 0, 4)},{Entry("b", "F32", "[1]", 4, 8)}}}", [.. s_twoFloats, 0]), SafetensorsError.TrailingData, canSeek: canSeek);

    [Fact]
    public void A_tensor_that_the_file_lacks_is_named_with_its_shape()
    {
        string message = Refused(Of($"{{{Entry("a", "F32", "[1]", 0, 4)},{Entry("c", "F32", "[1]", 4, 8)}}}", s_twoFloats), SafetensorsError.MissingTensor, "b");

        Assert.Equal("Tensor 'b' of shape [1] is missing from the file.", message);
    }

    [Fact]
    public void A_tensor_that_the_model_lacks_is_named() =>
        Refused(Of($"{{{Entry("a", "F32", "[1]", 0, 4)},{Entry("b", "F32", "[1]", 4, 8)},{Entry("c", "U8", "[0]", 8, 8)}}}", s_twoFloats), SafetensorsError.UnexpectedTensor, "c");

    [Fact]
    public void A_tensor_of_another_shape_is_named_with_both_shapes()
    {
        string message = Refused(Of($"{{{Entry("a", "F32", "[1,1]", 0, 4)},{Entry("b", "F32", "[1]", 4, 8)}}}", s_twoFloats), SafetensorsError.ShapeMismatch, "a");

        Assert.Equal("Tensor 'a' has the shape [1, 1] in the file, but [1] in the model.", message);
    }

    [Fact]
    public void A_tensor_of_whole_numbers_is_refused_as_parameters() =>
        Refused(Of($"{{{Entry("a", "F32", "[1]", 0, 4)},{Entry("b", "I32", "[1]", 4, 8)}}}", s_twoFloats), SafetensorsError.UnsupportedType, "b");

    [Fact]
    public void Every_type_of_the_format_is_listed()
    {
        (string Name, int Bytes)[] types =
        [
            ("BOOL", 1), ("U8", 1), ("I8", 1), ("F8_E5M2", 1), ("F8_E4M3", 1), ("I16", 2), ("U16", 2), ("F16", 2), ("BF16", 2),
            ("I32", 4), ("U32", 4), ("F32", 4), ("I64", 8), ("U64", 8), ("F64", 8), ("C64", 8),
        ];
        long offset = 0;
        string[] entries = [.. types.Select(type => Entry(type.Name, type.Name, "[3]", offset, offset += 3 * type.Bytes))];
        using var file = new MemoryStream(Of($"{{{string.Join(',', entries.Reverse())}}}", new byte[offset]));

        var header = SafetensorsReader.ReadHeader(file);

        Assert.Equal(types.Select(type => type.Name), header.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(Enum.GetValues<SafetensorsType>(), header.Tensors.Select(tensor => tensor.Type));
        Assert.All(header.Tensors, tensor => Assert.Equal(3, tensor.Elements));
    }

    [Fact]
    public void Parameters_are_read_from_every_floating_point_type()
    {
        float[] values = [1.5f, -0f, float.PositiveInfinity, float.NaN, 65504];
        using var parameters = new ParameterSet([("bf16", [5]), ("f16", [5]), ("f32", [5]), ("f64", [5])]);
        string header = $"{{{Entry("bf16", "BF16", "[5]", 0, 10)},{Entry("f16", "F16", "[5]", 10, 20)},{Entry("f32", "F32", "[5]", 20, 40)},{Entry("f64", "F64", "[5]", 40, 80)}}}";
        byte[] data =
        [
            .. values.SelectMany(value => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))),
            .. values.SelectMany(value => BitConverter.GetBytes((Half)value)),
            .. values.SelectMany(BitConverter.GetBytes),
            .. values.SelectMany(value => BitConverter.GetBytes(value * (1 + 1e-12))),
        ];
        using var file = new MemoryStream(Of(header, data));

        SafetensorsReader.ReadInto(parameters, file);

        // 65504 has eleven significant bits, of which BF16 keeps eight.
        Assert.Equal([1.5f, -0f, float.PositiveInfinity, float.NaN, 65280], parameters["bf16"].Values);
        foreach (string name in (string[])["f16", "f32", "f64"])
            Assert.Equal(values, parameters[name].Values);
        Assert.True(float.IsNegative(parameters["f16"].Values[1]));
    }

    [Fact]
    public void A_destination_of_another_length_is_refused()
    {
        using var file = new MemoryStream(Of($"{{{Entry("a", "F32", "[2]", 0, 8)}}}", s_twoFloats));
        var tensor = Assert.Single(SafetensorsReader.ReadHeader(file).Tensors);

        Assert.Throws<ArgumentException>(() => SafetensorsReader.ReadFloats(tensor, file, new float[3]));
    }

    [Fact]
    public void Nothing_is_overwritten_when_the_last_tensor_does_not_fit()
    {
        using var parameters = new ParameterSet([("a", [1]), ("b", [1])]);
        parameters["a"].Values[0] = 42;
        using var file = new MemoryStream(Of($"{{{Entry("a", "F32", "[1]", 0, 4)},{Entry("b", "F32", "[1,1]", 4, 8)}}}", s_twoFloats));

        Assert.Throws<SafetensorsException>(() => SafetensorsReader.ReadInto(parameters, file));

        Assert.Equal(42, parameters["a"].Values[0]);
    }

    [Fact]
    public void Damaged_files_are_read_or_refused_and_nothing_else()
    {
        byte[] good = Of($"{{\"__metadata__\":{{\"k\":\"v\"}},{Entry("a", "F32", "[1]", 0, 4)},{Entry("b", "F32", "[1]", 4, 8)}}}", s_twoFloats);
        var random = new CounterRandom(23, RandomPurpose.Shuffle);
        int refused = 0;
        for (int trial = 0; trial < 5000; trial++)
        {
            byte[] damaged = [.. good];
            for (int hit = 0; hit <= trial % 3; hit++)
                damaged[random.Word(trial * 8 + hit) % damaged.Length] = (byte)random.Word(trial * 8 + hit + 4);
            using var parameters = Skeleton();
            using var file = new MemoryStream(damaged);
            try
            {
                SafetensorsReader.ReadInto(parameters, file);
            }
            catch (SafetensorsException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 3000, 5000);
    }

    private static ParameterSet Skeleton() => new([("a", [1]), ("b", [1])]);

    private static string Refused(byte[] file, SafetensorsError error, string? tensor = null, bool canSeek = true)
    {
        using var parameters = Skeleton();
        using var memory = new MemoryStream(file);
        using Stream source = canSeek ? memory : new ForwardOnlyStream(memory);

        var problem = Assert.Throws<SafetensorsException>(() => SafetensorsReader.ReadInto(parameters, source));

        Assert.Equal(error, problem.Error);
        if (tensor is not null)
        {
            Assert.Equal(tensor, problem.Tensor);
            Assert.Contains($"'{tensor}'", problem.Message, StringComparison.Ordinal);
        }

        return problem.Message;
    }
}
