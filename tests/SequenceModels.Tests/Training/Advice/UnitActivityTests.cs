using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Training;
using SequenceModels.Training.Advice;

namespace SequenceModels.Tests.Training.Advice;

/// <summary>Units whose outputs are known because their weights are.</summary>
public sealed class UnitActivityTests
{
    private const int Hidden = 20;

    [Theory]
    [InlineData("lines")]
    [InlineData("text")]
    [InlineData("labelled")]
    public void Units_are_told_apart_by_what_they_put_out(string kind)
    {
        var (task, data) = kind switch
        {
            "text" => (TaskKind.LanguageModel, TrainingRuns.Text(60)),
            "lines" => (TaskKind.LanguageModel, TrainingRuns.Lines(60)),
            _ => (TaskKind.Classification, TrainingRuns.Labelled(60)),
        };
        var (training, validation) = DataSplitter.Split(data, 0.2, 1);
        var plan = TrainingRuns.Plan(task, training, validation, new() { Cell = CellKind.Rnn, Layers = 1, HiddenSize = Hidden, EmbeddingSize = 1, Bidirectional = false });
        using var model = TrainingSetup.ModelOf(plan, TrainingSetup.ParametersOf(plan));
        // h = tanh(W_ih x + b): with weights of 0 a unit puts out tanh(b) at every step.
        Assert.Equal((Hidden, Hidden, 0), Measure(model, validation));
        var bias = model.Parameters["rnn.bias_ih_l0"].Values;
        bias[..12].Fill(-6);
        Assert.Equal((Hidden, 8, 12), Measure(model, validation));

        // Embeddings 0, 1, 2, ... and a weight make the last three units follow the text.
        var embedding = model.Parameters["embedding.weight"].Values;
        for (int token = 0; token < embedding.Length; token++)
            embedding[token] = token;
        model.Parameters["rnn.weight_ih_l0"].Values[^3..].Fill(0.01f);
        Assert.Equal((Hidden, 5, 12), Measure(model, validation));
    }

    private static (int Units, int Inactive, int Saturated) Measure(SequenceModel model, TrainingData validation)
    {
        var units = UnitActivity.Of(model, validation, 32, CancellationToken.None);
        Assert.InRange(units.Steps, 100, 2000);
        return (units.Units, units.Inactive, units.Saturated);
    }
}
