using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SequenceModels.Serialization;
using SequenceModels.Shapes;

namespace SequenceModels.Tests.Shapes;

/// <summary>Models go to their two files and come back the same; files that are not a model's are refused.</summary>
public sealed class SequenceTaskFileTests
{
    public static TheoryData<string> Cases => ShapeCases.Names;

    [Theory, MemberData(nameof(Cases))]
    public void A_model_comes_back_with_the_same_bytes(string name)
    {
        using var model = ShapeModelTests.Model(ShapeCases.All[name]);
        using var again = ShapeModelTests.Reload(model);
        Assert.Equal(model.Task with { Loss = model.Task.ChosenLoss }, again.Task);
        Assert.Equal(Settings(model), Settings(again));
        Assert.Equal(model.Parameters.Values.Slice(0, (int)model.Parameters.Values.Length).ToArray(), again.Parameters.Values.Slice(0, (int)model.Parameters.Values.Length).ToArray());
    }

    [Theory]
    [InlineData("formatVersion", "2")]
    [InlineData("formatVersion", "\"1\"")]
    [InlineData("formatVersion", null)]
    [InlineData("shape", "\"oneToAll\"")]
    [InlineData("shape", "2")]
    [InlineData("shape", "null")]
    [InlineData("input", "null")]
    [InlineData("input", """{"kind":"frames"}""")]
    [InlineData("input", """{"kind":"frames","size":0}""")]
    [InlineData("input", """{"kind":"frames","size":2000000}""")]
    [InlineData("input", """{"kind":"frames","size":4}""")]
    [InlineData("input", """{"kind":"frames","size":3,"unit":"mm"}""")]
    [InlineData("input", """{"kind":"tokens","size":3}""")]
    [InlineData("output", """{"kind":"tokens","size":1}""")]
    [InlineData("loss", "\"squaredError\"")]
    [InlineData("loss", "7")]
    [InlineData("architecture", null)]
    [InlineData("architecture", """{"hiddenSize":100000}""")]
    [InlineData("architecture", """{"hiddenSize":5,"embeddingSize":4,"cell":"transformer"}""")]
    [InlineData("architecture", """{"hiddenSize":5,"embeddingSize":4,"dropout":1.5}""")]
    [InlineData("architecture", """{"hiddenSize":5,"hiddenSize":6,"embeddingSize":4}""")]
    [InlineData("inputStandardization", "null")]
    [InlineData("inputStandardization", """{"mean":[0,0],"deviation":[1,1]}""")]
    [InlineData("inputStandardization", """{"mean":[0,0,0],"deviation":[1,1,0]}""")]
    [InlineData("inputStandardization", """{"mean":[0,0,0],"deviation":[1,1,-1]}""")]
    [InlineData("inputStandardization", """{"mean":[0,0,"0"],"deviation":[1,1,1]}""")]
    [InlineData("inputStandardization", """{"mean":[0,0,1e99],"deviation":[1,1,1]}""")]
    [InlineData("outputStandardization", """{"mean":[0,0,0,0,0],"deviation":[1,1,1,1,1]}""")]
    [InlineData("note", "\"hello\"")]
    public void Settings_that_are_not_a_model_s_are_refused(string member, string? json)
    {
        using var model = ShapeModelTests.Model(ShapeCases.All["many to one, label of frames"]);
        string settings = Settings(model);
        var content = JsonNode.Parse(settings)!.AsObject();
        content.Remove(member);
        string damaged = content.ToJsonString();
        if (json is not null)
            damaged = $"{damaged[..^1]},\"{member}\":{json}}}";
        Assert.Throws<InvalidDataException>(() => Load(damaged, model));
        using var whole = Load(settings, model);
        Assert.Equal(model.Task.Architecture, whole.Task.Architecture);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"formatVersion":1}""")]
    public void Files_that_are_not_even_settings_are_refused(string settings)
    {
        using var model = ShapeModelTests.Model(ShapeCases.All["many to one, label of frames"]);
        Assert.Throws<InvalidDataException>(() => Load(settings, model));
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        using var model = ShapeModelTests.Model(ShapeCases.All["one to many, frames of a vector, options"]);
        string settings = Settings(model);
        for (int length = 0; length < settings.Length; length += 7)
            Assert.Throws<InvalidDataException>(() => Load(settings[..length], model));
    }

    [Fact]
    public void Weights_of_another_network_are_refused()
    {
        using var model = ShapeModelTests.Model(ShapeCases.All["many to one, label of frames"]);
        using var other = ShapeModelTests.Model(ShapeCases.All["many to many, label of each frame"]);
        Assert.Throws<SafetensorsException>(() => Load(Settings(model), other));
    }

    [Fact]
    public void A_file_too_short_for_the_network_that_the_settings_tell_of_is_refused_before_memory_is_taken_for_it()
    {
        using var model = ShapeModelTests.Model(ShapeCases.All["many to one, label of frames"]);
        string large = Regex.Replace(Settings(model), "\"hiddenSize\":\\d+", "\"hiddenSize\":4096");
        Assert.NotEqual(Settings(model), large);
        // After memory is taken, shapes would be what is wrong.
        Assert.Equal(SafetensorsError.DataTruncated, Assert.Throws<SafetensorsException>(() => Load(large, model)).Error);
    }

    private static string Settings(SequenceTaskModel model)
    {
        using var stream = new MemoryStream();
        model.WriteSettings(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static SequenceTaskModel Load(string settings, SequenceTaskModel weightsOf)
    {
        using MemoryStream file = new(Encoding.UTF8.GetBytes(settings)), weights = new();
        weightsOf.WriteWeights(weights);
        weights.Position = 0;
        return SequenceTaskModel.Load(file, weights);
    }
}
