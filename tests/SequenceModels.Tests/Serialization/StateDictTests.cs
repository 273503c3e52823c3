using SequenceModels.Serialization;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Text;

namespace SequenceModels.Tests.Serialization;

/// <summary>State dictionaries of PyTorch's modules, under their own names and under others.</summary>
public sealed class StateDictTests
{
    public static TheoryData<string> Models => GoldenFixtures.Keys("pytorch_safetensors", golden => golden.Has("config", "file") && golden.Has("config", "hidden_size") && !golden.Has("inputs", "tokens"));

    [Theory, MemberData(nameof(Models))]
    public void Recurrent_modules_of_PyTorch_have_the_told_names_and_shapes_and_survive_a_round_trip(string key)
    {
        var golden = GoldenFixtures.Case(key);
        byte[] file = File.ReadAllBytes(Path.Combine(golden.Folder, golden.Setting("file")!));
        var header = SafetensorsReader.ReadHeader(new MemoryStream(file));
        int hidden = golden.Setting("hidden_size", 0), inputs = golden.Tensor("inputs", "x").Shape[2], layers = golden.Setting("num_layers", 1);
        bool bidirectional = golden.Setting("bidirectional", absent: false);
        int gates = (int)header.FindOrNull("weight_hh_l0")!.Shape[0] / hidden;
        var shapes = gates switch
        {
            1 => PytorchModules.Rnn("", inputs, hidden, layers, bidirectional),
            3 => PytorchModules.Gru("", inputs, hidden, layers, bidirectional),
            _ => PytorchModules.Lstm("", inputs, hidden, layers, bidirectional),
        };
        using var parameters = new ParameterSet(shapes);
        SafetensorsReader.ReadInto(parameters, new MemoryStream(file));

        // Under the names of a member of some model, and back.
        using var member = new ParameterSet(shapes.Select(shape => ("decoder.cells." + shape.Name, shape.Shape)));
        SafetensorsReader.ReadInto(member, new MemoryStream(file), StateDictNames.BySuffix);
        using var again = new ParameterSet(shapes);
        SafetensorsReader.ReadInto(again, Written(member), StateDictNames.BySuffix);
        Assert.Equal(header.Tensors.Count, parameters.Parameters.Count);
        foreach (var parameter in parameters.Parameters)
        {
            Assert.Equal(parameter.Values, member["decoder.cells." + parameter.Name].Values);
            Assert.Equal(parameter.Values, again[parameter.Name].Values);
            golden.Float64.AssertClose(golden.At("tensors", parameter.Name, "sum").GetDouble(), Sum(parameter.Values), $"{golden}: {parameter.Name}");
        }
    }

    [Fact]
    public void Every_network_is_made_of_modules_as_PyTorch_has_them()
    {
        foreach (bool bidirectional in new[] { false, true })
        {
            using var layout = NetworkLayout.Create(TaskKind.Classification, new ArchitectureSettings { Layers = 2, HiddenSize = 5, EmbeddingSize = 3, Bidirectional = bidirectional }, 7, 4);
            using var modules = Network("embedding", "rnn", "fc", bidirectional);
            Assert.Equal(
                modules.Parameters.Select(parameter => $"{parameter.Name} {string.Join(',', parameter.Shape)}"),
                layout.Parameters.Select(parameter => $"{parameter.Name} {string.Join(',', parameter.Shape)}"));
        }
    }

    [Fact]
    public void A_model_is_loaded_from_modules_of_other_names_found_by_suffix_or_told()
    {
        using var foreign = Network("module.encoder", "module.lstm.cells", "head");
        int number = 0;
        foreach (var parameter in foreign.Parameters)
        {
            foreach (ref float value in parameter.Values)
                value = ++number / 1024f;
        }

        var tokenizer = new CharacterTokenizer(new Vocabulary("abcdef".Select(letter => letter.ToString()), withEnd: false), lowerCase: false);
        var architecture = new ArchitectureSettings { Layers = 2, HiddenSize = 5, EmbeddingSize = 3, Pooling = PoolingKind.Last };
        var map = foreign.Parameters.ToDictionary(
            parameter => parameter.Name.Replace("module.encoder", "embedding", StringComparison.Ordinal).Replace("module.lstm.cells", "rnn", StringComparison.Ordinal).Replace("head", "fc", StringComparison.Ordinal),
            parameter => parameter.Name);
        foreach (var names in new[] { StateDictNames.BySuffix, StateDictNames.From(map) })
        {
            using var model = SequenceModel.Load(TaskKind.Classification, architecture, tokenizer, ["a", "b", "c", "d"], Written(foreign), names: names);
            Assert.Equal(foreign.Parameters.Count, model.Parameters.Parameters.Count);
            foreach (var (parameter, tensor) in map)
                Assert.Equal(foreign[tensor].Values, model.Parameters[parameter].Values);
        }
    }

    [Fact]
    public void The_module_of_the_same_name_goes_before_others_of_the_same_tensors()
    {
        using var file = new ParameterSet([.. PytorchModules.Linear("a", 2, 2), .. PytorchModules.Linear("b", 2, 2)]);
        file["b.weight"].Values.Fill(3);
        using var same = new ParameterSet([.. PytorchModules.Linear("b", 2, 2), .. PytorchModules.Linear("a", 2, 2)]);
        SafetensorsReader.ReadInto(same, Written(file), StateDictNames.BySuffix);
        Assert.Equal([3f, 3, 3, 3], same["b.weight"].Values.ToArray());
        Assert.Equal([0f, 0, 0, 0], same["a.weight"].Values.ToArray());
    }

    [Theory]
    [InlineData("two heads", SafetensorsError.AmbiguousName, "fc.bias")]
    [InlineData("twice", SafetensorsError.AmbiguousName, "a.weight")]
    [InlineData("no embedding", SafetensorsError.MissingTensor, "embedding.weight")]
    [InlineData("one direction", SafetensorsError.MissingTensor, "rnn.bias_hh_l0_reverse")]
    [InlineData("two directions", SafetensorsError.UnexpectedTensor, "x.bias_hh_l0_reverse")]
    [InlineData("more modules", SafetensorsError.UnexpectedTensor, "norm.bias")]
    [InlineData("other size", SafetensorsError.ShapeMismatch, "x.weight_ih_l0")]
    public void What_does_not_fit_has_an_error_of_its_own(string fault, SafetensorsError error, string tensor)
    {
        using var model = fault switch
        {
            "one direction" => new ParameterSet(PytorchModules.Lstm("rnn", 3, 2, bidirectional: true)),
            "two directions" => new ParameterSet(PytorchModules.Lstm("rnn", 3, 2)),
            "other size" => new ParameterSet(PytorchModules.Lstm("rnn", 3, 2)),
            "twice" => new ParameterSet([.. PytorchModules.Linear("fc", 2, 2), .. PytorchModules.Linear("fd", 2, 2)]),
            _ => Network("embedding", "rnn", "fc"),
        };
        using var file = fault switch
        {
            "two heads" => new ParameterSet([.. Modules("e", "r", "a"), .. PytorchModules.Linear("b", 5, 4)]),
            "twice" => new ParameterSet(PytorchModules.Linear("a", 2, 2)),
            "no embedding" => new ParameterSet(Modules("e", "r", "f").Skip(1)),
            "one direction" => new ParameterSet(PytorchModules.Lstm("x", 3, 2)),
            "two directions" => new ParameterSet(PytorchModules.Lstm("x", 3, 2, bidirectional: true)),
            "more modules" => new ParameterSet([.. Modules("e", "r", "f"), ("norm.weight", [5]), ("norm.bias", [5])]),
            _ => new ParameterSet(PytorchModules.Lstm("x", 4, 2)),
        };
        var problem = Assert.Throws<SafetensorsException>(() => SafetensorsReader.ReadInto(model, Written(file), StateDictNames.BySuffix));
        Assert.Equal((error, tensor), (problem.Error, problem.Tensor));
        Assert.Contains(tensor, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_the_caller_tells_are_checked()
    {
        using var file = new ParameterSet(PytorchModules.Linear("a", 2, 2));
        using var model = new ParameterSet(PytorchModules.Linear("fc", 2, 2));
        SafetensorsError Read(Dictionary<string, string> names) =>
            Assert.Throws<SafetensorsException>(() => SafetensorsReader.ReadInto(model, Written(file), StateDictNames.From(names))).Error;

        Assert.Equal(SafetensorsError.MissingTensor, Read(new() { ["fc.weight"] = "a.weight" }));
        Assert.Equal(SafetensorsError.MissingTensor, Read(new() { ["fc.weight"] = "a.weight", ["fc.bias"] = "b.bias" }));
        Assert.Equal(SafetensorsError.UnknownParameter, Read(new() { ["fd.weight"] = "a.weight" }));
        Assert.Equal(SafetensorsError.ShapeMismatch, Read(new() { ["fc.weight"] = "a.bias", ["fc.bias"] = "a.weight" }));
        Assert.Throws<ArgumentException>(() => StateDictNames.From(new Dictionary<string, string> { ["fc.weight"] = "a.weight", ["fc.bias"] = "a.weight" }));
    }

    private static ParameterSet Network(string embedding, string recurrent, string output, bool bidirectional = false) => new(Modules(embedding, recurrent, output, bidirectional));

    private static IEnumerable<(string Name, int[] Shape)> Modules(string embedding, string recurrent, string output, bool bidirectional = false) =>
        [.. PytorchModules.Embedding(embedding, 7, 3), .. PytorchModules.Lstm(recurrent, 3, 5, layers: 2, bidirectional), .. PytorchModules.Linear(output, bidirectional ? 10 : 5, 4)];

    private static MemoryStream Written(ParameterSet parameters)
    {
        var file = new MemoryStream();
        SafetensorsWriter.Write(parameters, file);
        file.Position = 0;
        return file;
    }

    private static double Sum(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
            sum += value;
        return sum;
    }
}
