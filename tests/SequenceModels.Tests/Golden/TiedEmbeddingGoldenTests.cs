using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Training;

namespace SequenceModels.Tests.Golden;

/// <summary>A language model whose output matrix is its embedding, with and without a projection between, in single precision.</summary>
public sealed class TiedEmbeddingGoldenTests
{
    public static TheoryData<string> All => GoldenFixtures.Keys("tied_embedding");

    [Theory, MemberData(nameof(All))]
    public void Logits_loss_and_gradients_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        int[] embedding = golden.Tensor("params", "embedding").Shape;
        var architecture = new ArchitectureSettings
        {
            TiedEmbeddings = true,
            EmbeddingSize = embedding[1],
            HiddenSize = golden.Tensor("params", "weight_hh_l0").Shape[1],
            Layers = golden.Tensors("params").Count(p => p.Key.StartsWith("weight_ih", StringComparison.Ordinal)),
        };
        using var context = ComputeContext.Create(2);
        using var parameters = NetworkLayout.Create(TaskKind.LanguageModel, architecture, embedding[0], 0);
        Assert.Equal(golden.Tensors("params").Count, parameters.Parameters.Count);
        foreach (var (name, value) in golden.Tensors("params"))
            value.Floats.CopyTo(parameters[PyTorchName(name)].Values);
        foreach (bool table in new[] { false, true })
        {
            using var encoder = new TokenEncoderWeights(parameters, architecture, table);
            using var output = new LinearWeights(parameters, NetworkLayout.Output);
            using var batch = new GoldenBatch(golden);
            parameters.Gradients.Slice(0, (int)parameters.Gradients.Length).Clear();
            encoder.Pack(context, backward: true);
            output.Pack(backward: true);

            double loss = new LanguageModelNetwork(encoder, output, context).Run(batch, default, training: true) / batch.TargetCount;

            golden.Float32.AssertClose(golden.Loss, loss, $"{golden}: loss");
            foreach (var (name, want) in golden.Tensors("grads"))
                golden.Float32.AssertClose(want, parameters[PyTorchName(name)].Gradients, $"{golden}: d {name}");

            using var stepper = new LanguageModelStepper(KernelSet.Best, encoder, output, batch.Shape.Batch);
            foreach (var (t, tokens) in LanguageModelCase.Tokens(golden, "tokens").Index())
            {
                stepper.Step(tokens);
                for (int b = 0; b < tokens.Length; b++)
                    golden.Float32.AssertClose(golden.Tensor("outputs", "logits")[t][b], stepper.Logits(b), $"{golden}: logits of step {t}");
            }
        }
    }

    private static string PyTorchName(string name) => name switch
    {
        "embedding" => "embedding.weight",
        "fc_bias" => "fc.bias",
        "proj_weight" => "proj.weight",
        _ => $"rnn.{name}",
    };

    private sealed unsafe class GoldenBatch : LanguageModelBatches
    {
        public GoldenBatch(GoldenCase golden)
        {
            int[] size = golden.Tensor("inputs", "tokens").Shape;
            Shape = new SequenceShape(size[0], size[1]);
            Reserve();
            TargetCount = Shape.Rows;
            golden.Integers("inputs", "tokens").CopyTo(new Span<int>(Tokens, Shape.Rows));
            golden.Integers("inputs", "targets").CopyTo(new Span<int>(Targets, Shape.Rows));
        }

        public override int Count => 1;

        public override long TokensPerEpoch => TargetCount;

        public override void BeginEpoch(int epoch)
        {
        }

        public override bool Next() => true;
    }
}
