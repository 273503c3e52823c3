using System.Text.Json;
using SequenceModels.Serialization;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Serialization;

/// <summary>Files that another implementation wrote, and malformed ones.</summary>
public sealed class SafetensorsGoldenTests
{
    public static TheoryData<string> Files => GoldenFixtures.Keys("pytorch_safetensors", golden => golden.Has("config", "file"));

    public static TheoryData<string> Models => GoldenFixtures.Keys("pytorch_safetensors", golden => golden.Has("config", "file") && AllFloat(golden));

    public static TheoryData<string> Malformed => GoldenFixtures.Keys("pytorch_safetensors", golden => golden.Has("config", "files"));

    [Theory, MemberData(nameof(Files))]
    public void Every_tensor_is_listed_and_every_floating_point_one_read(string key)
    {
        var golden = GoldenFixtures.Case(key);
        using var source = Open(golden, golden.Setting("file")!);
        var header = SafetensorsReader.ReadHeader(source);
        var expected = golden.At("tensors").EnumerateObject().ToDictionary(tensor => tensor.Name, tensor => tensor.Value, StringComparer.Ordinal);

        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), header.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
        Assert.Equal(header.Tensors.Sum(tensor => tensor.End - tensor.Begin), header.DataBytes);
        if (golden.Has("config", "metadata"))
            Assert.Equal(golden.At("config", "metadata").EnumerateObject().ToDictionary(note => note.Name, note => note.Value.GetString()!), header.Metadata);
        long dataStart = source.Position;
        foreach (var tensor in header.Tensors)
        {
            var want = expected[tensor.Name];
            string type = want.TryGetProperty("dtype", out var named) ? named.GetString()! : golden.Setting("dtype")!;
            Assert.Equal(type, tensor.Type.ToString(), ignoreCase: true);
            Assert.Equal(want.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt64()), tensor.Shape);
            source.Position = dataStart + tensor.Begin;
            if (IsFloat(type))
                CheckValues(golden, want, tensor, source);
            else
                Assert.Equal(SafetensorsError.UnsupportedType, Assert.Throws<SafetensorsException>(() => SafetensorsReader.ReadFloats(tensor, source, new float[tensor.Elements])).Error);
        }
    }

    [Theory, MemberData(nameof(Models))]
    public void A_model_s_file_is_read_into_its_skeleton_and_written_again(string key)
    {
        var golden = GoldenFixtures.Case(key);
        (string Name, int[] Shape)[] shapes = [.. golden.At("tensors").EnumerateObject().Select(tensor => (tensor.Name, tensor.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32()).ToArray()))];
        using var parameters = new ParameterSet(shapes);
        using (var source = Open(golden, golden.Setting("file")!))
            SafetensorsReader.ReadInto(parameters, source);

        foreach (var tensor in golden.At("tensors").EnumerateObject())
        {
            var values = parameters[tensor.Name].Values;
            double sum = 0;
            foreach (float value in values)
                sum += value;
            golden.Float64.AssertClose(tensor.Value.GetProperty("sum").GetDouble(), sum, $"{golden}: sum of {tensor.Name}");
            Assert.Equal(tensor.Value.GetProperty("first").GetDouble(), values[0]);
            Assert.Equal(tensor.Value.GetProperty("last").GetDouble(), values[^1]);
        }

        using var copy = new MemoryStream();
        SafetensorsWriter.Write(parameters, copy);
        copy.Position = 0;
        using var again = new ParameterSet(shapes);
        SafetensorsReader.ReadInto(again, copy);
        foreach (var parameter in parameters.Parameters)
            Assert.Equal(parameter.Values, again[parameter.Name].Values);
    }

    [Theory, MemberData(nameof(Malformed))]
    public void Every_malformed_file_is_refused(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var listed = golden.At("config", "files").EnumerateArray().Select(file => file.GetString()!);
        var present = Directory.EnumerateFiles(golden.Folder, "bad_*.safetensors").Select(path => Path.GetFileName(path));
        foreach (string file in listed.Union(present, StringComparer.Ordinal))
        {
            using var source = Open(golden, file);
            using var parameters = new ParameterSet([("w", [4])]);
            long before = GC.GetAllocatedBytesForCurrentThread();

            var problem = Assert.Throws<SafetensorsException>(() => SafetensorsReader.ReadInto(parameters, source));

            Assert.NotEmpty(problem.Message);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        }
    }

    private static void CheckValues(GoldenCase golden, JsonElement want, SafetensorsTensor tensor, Stream source)
    {
        var values = new float[tensor.Elements];
        SafetensorsReader.ReadFloats(tensor, source, values);
        if (golden.Has("outputs", "values", tensor.Name))
        {
            Assert.Equal(golden.Tensor("outputs", "values", tensor.Name).Values.Select(value => (float)value), values);
        }
        else
        {
            golden.Float64.AssertClose(want.GetProperty("sum").GetDouble(), values.Sum(value => (double)value), $"{golden}: sum of {tensor.Name}");
            Assert.Equal(want.GetProperty("first").GetDouble(), values[0]);
            Assert.Equal(want.GetProperty("last").GetDouble(), values[^1]);
        }
    }

    private static bool AllFloat(GoldenCase golden) =>
        golden.Has("tensors") && golden.At("tensors").EnumerateObject().All(tensor => tensor.Value.TryGetProperty("sum", out _));

    private static bool IsFloat(string type) => type is "F16" or "BF16" or "F32" or "F64";

    private static FileStream Open(GoldenCase golden, string file) => File.OpenRead(Path.Combine(golden.Folder, file));
}
