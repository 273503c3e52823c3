using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Golden;

/// <summary>A language model whose output matrix is its embedding, with and without a projection between, in double precision.</summary>
public sealed class TextbookTiedEmbeddingGoldenTests
{
    public static TheoryData<string> All => GoldenFixtures.Keys("tied_embedding");

    [Theory, MemberData(nameof(All))]
    public void Logits_loss_and_gradients_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var parameters = golden.Tensors("params").AsTable().ToDictionary(p => PyTorchName(p.Key), p => p.Value);
        var model = new TextbookLanguageModel(parameters, LanguageModelCase.Layers(parameters.Keys));
        var tokens = LanguageModelCase.Tokens(golden, "tokens");

        var result = model.LossAndGradients(tokens, LanguageModelCase.Tokens(golden, "targets"), model.ZeroStates(tokens[0].Length), new TextbookSoftmaxCrossEntropy());

        golden.Float64.AssertClose(golden.Tensor("outputs", "logits"), result.Logits.Flatten(), $"{golden}: logits");
        golden.Float64.AssertClose(golden.Loss, result.Loss, $"{golden}: loss");
        foreach (var (name, want) in golden.Tensors("grads"))
            golden.Float64.AssertClose(want.AsRows(), result.Gradients[PyTorchName(name)], $"{golden}: d {name}");
    }

    private static string PyTorchName(string name) => name switch
    {
        "embedding" => "embedding.weight",
        "fc_bias" => "fc.bias",
        "proj_weight" => "proj.weight",
        _ => $"rnn.{name}",
    };
}
