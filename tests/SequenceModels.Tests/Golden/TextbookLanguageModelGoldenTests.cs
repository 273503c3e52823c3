using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Optimizers;
using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Golden;

/// <summary>Embedding, LSTM, output layer, cross-entropy, clipping and the update rules of the textbook, together, in double precision.</summary>
public sealed class TextbookLanguageModelGoldenTests
{
    public static TheoryData<string> Gradients => GoldenFixtures.Keys("lm_step", c => c.Has("grads") && c.Has("inputs", "tokens"));

    public static TheoryData<string> Chunks => GoldenFixtures.Keys("lm_step", c => c.Has("inputs", "tokens_chunk2"));

    public static TheoryData<string> Optimizers => GoldenFixtures.Keys("lm_step", c => c.Has("config", "optimizer"));

    [Theory, MemberData(nameof(Gradients))]
    public void Loss_and_gradients_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var result = Run(golden, LanguageModelCase.Parameters(golden), "tokens", "targets", initial: null);

        golden.Float64.AssertClose(golden.Loss, result.Loss, $"{golden}: loss");
        AssertGradients(golden, result);
        if (golden.Has("outputs", "logits"))
            golden.Float64.AssertClose(golden.Tensor("outputs", "logits"), result.Logits.Flatten(), $"{golden}: logits");
        if (golden.Has("outputs", "h_n"))
            AssertStates(golden, "h_n", "c_n", result.Final);
        if (golden.Has("outputs", "grad_global_norm"))
            golden.Float64.AssertClose(golden.At("outputs", "grad_global_norm").GetDouble(), TextbookClipping.GlobalNorm(result.Gradients.Values), $"{golden}: norm");
    }

    [Theory, MemberData(nameof(Chunks))]
    public void A_chunk_starts_from_the_state_before_it_and_its_gradient_stops_there(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var parameters = LanguageModelCase.Parameters(golden);
        var first = Run(golden, parameters, "tokens_chunk1", "targets_chunk1", initial: null);
        var second = Run(golden, parameters, "tokens_chunk2", "targets_chunk2", first.Final);

        golden.Float64.AssertClose(golden.At("outputs", "loss_chunk1").GetDouble(), first.Loss, $"{golden}: loss 1");
        golden.Float64.AssertClose(golden.At("outputs", "loss_chunk2").GetDouble(), second.Loss, $"{golden}: loss 2");
        AssertStates(golden, "h_carry", "c_carry", first.Final);
        AssertStates(golden, "h_n", "c_n", second.Final);
        AssertGradients(golden, second);
    }

    [Theory, MemberData(nameof(Optimizers))]
    public void Clipping_and_each_update_rule_give_the_golden_losses_norms_and_parameters(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var tolerance = golden.Float64;
        var optimizer = Optimizer(golden);
        var parameters = LanguageModelCase.Parameters(golden);
        int steps = golden.Setting("steps", 0);
        Assert.True(steps > 0);
        for (int step = 0; step < steps; step++)
        {
            var result = Run(golden, parameters, "tokens", "targets", initial: null);
            var (clipped, norm) = TextbookClipping.Clip(result.Gradients, golden.Setting("clip_max_norm", double.PositiveInfinity));
            optimizer.Step(parameters, clipped);

            tolerance.AssertClose(golden.Tensor("outputs", "losses").Values[step], result.Loss, $"{golden}: loss of step {step}");
            tolerance.AssertClose(golden.Tensor("outputs", "grad_norms_before_clip").Values[step], norm, $"{golden}: norm of step {step}");
            foreach (var sum in golden.At("outputs", "param_sums_after_each_step")[step].EnumerateObject())
                tolerance.AssertClose(sum.Value.GetDouble(), parameters[sum.Name].Enumerate().Sum(), $"{golden}: sum of {sum.Name} after step {step}");
        }

        foreach (var (name, want) in LanguageModelCase.FinalParameters(golden))
            tolerance.AssertClose(want.AsRows(), parameters[name], $"{golden}: {name} after {steps} steps");
        tolerance.AssertClose(LanguageModelCase.FinalLoss(golden), Run(golden, parameters, "tokens", "targets", initial: null).Loss, $"{golden}: loss after {steps} steps");
    }

    private static TextbookOptimizer Optimizer(GoldenCase golden)
    {
        double rate = LanguageModelCase.Hyper(golden, "lr", double.NaN), decay = LanguageModelCase.Hyper(golden, "weight_decay", 0);
        double momentum = LanguageModelCase.Hyper(golden, "momentum", 0), epsilon = LanguageModelCase.Hyper(golden, "eps", double.NaN);
        return LanguageModelCase.Rule(golden) switch
        {
            UpdateRule.Sgd => new TextbookSgd { LearningRate = rate, WeightDecay = decay, Momentum = momentum, Nesterov = LanguageModelCase.Hyper(golden, "nesterov") },
            UpdateRule.RmsProp => new TextbookRmsProp
            {
                LearningRate = rate,
                WeightDecay = decay,
                SquareDecay = LanguageModelCase.Hyper(golden, "alpha", double.NaN),
                Epsilon = epsilon,
                Momentum = momentum,
                Centered = LanguageModelCase.Hyper(golden, "centered"),
            },
            UpdateRule.Adagrad => new TextbookAdagrad { LearningRate = rate, WeightDecay = decay, Epsilon = epsilon },
            _ => new TextbookAdam
            {
                LearningRate = rate,
                WeightDecay = decay,
                Beta1 = golden.At("config", "hyper").GetProperty("betas")[0].GetDouble(),
                Beta2 = golden.At("config", "hyper").GetProperty("betas")[1].GetDouble(),
                Epsilon = epsilon,
                AmsGrad = LanguageModelCase.Hyper(golden, "amsgrad"),
                Decoupled = LanguageModelCase.IsDecoupled(golden),
            },
        };
    }

    private static TextbookLanguageModel.Result Run(GoldenCase golden, Dictionary<string, Matrix<double>> parameters, string tokens, string targets, IReadOnlyList<CellState>? initial)
    {
        var model = new TextbookLanguageModel(parameters, LanguageModelCase.Layers(parameters.Keys));
        var read = LanguageModelCase.Tokens(golden, tokens);
        var loss = new TextbookSoftmaxCrossEntropy { IgnoredLabel = golden.Has("config", "ignore_index") ? golden.Setting("ignore_index", 0) : null };
        return model.LossAndGradients(read, LanguageModelCase.Tokens(golden, targets), initial ?? model.ZeroStates(read[0].Length), loss);
    }

    private static void AssertGradients(GoldenCase golden, TextbookLanguageModel.Result result)
    {
        foreach (var (name, want) in golden.Tensors("grads"))
            golden.Float64.AssertClose(want.AsRows(), result.Gradients[name], $"{golden}: d {name}");
    }

    private static void AssertStates(GoldenCase golden, string h, string c, IReadOnlyList<CellState> got)
    {
        golden.Float64.AssertClose(golden.Tensor("outputs", h), got.Select(state => state.H).Flatten(), $"{golden}: {h}");
        golden.Float64.AssertClose(golden.Tensor("outputs", c), got.Select(state => state.C!).Flatten(), $"{golden}: {c}");
    }
}
