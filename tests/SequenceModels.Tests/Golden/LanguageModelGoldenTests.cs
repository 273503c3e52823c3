using SequenceModels.Optimizers;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>Training steps of a language model in float: loss, every gradient, carried state, clipping and every update rule, in single precision.</summary>
public sealed class LanguageModelGoldenTests
{
    public static TheoryData<string, bool> Gradients => WithAndWithoutTable(c => c.Has("grads") && c.Has("inputs", "tokens"));

    public static TheoryData<string, bool> Chunks => WithAndWithoutTable(c => c.Has("inputs", "tokens_chunk2"));

    public static TheoryData<string, bool> Optimizers => WithAndWithoutTable(c => c.Has("config", "optimizer"));

    [Theory, MemberData(nameof(Gradients))]
    public void Loss_and_gradients_are_the_golden_ones(string key, bool useTable)
    {
        var golden = GoldenFixtures.Case(key);
        using var model = new FloatTokenModel(golden.Lender.Tensors("params"), useTable);
        int[][] tokens = LanguageModelCase.Tokens(golden, "tokens");
        var state = model.ZeroState(tokens[0].Length);

        double loss = model.Step(tokens, LanguageModelCase.Tokens(golden, "targets"), Ignored(golden), state);

        golden.Float32.AssertClose(golden.Loss, loss, $"{golden}: loss");
        model.AssertGradients(golden);
        if (golden.Has("outputs", "h_n"))
            AssertState(golden, "h_n", "c_n", state);
        if (golden.Has("outputs", "grad_global_norm"))
            golden.Float32.AssertClose(golden.At("outputs", "grad_global_norm").GetDouble(), Norm(model), $"{golden}: norm");
    }

    [Theory, MemberData(nameof(Chunks))]
    public void A_chunk_starts_from_the_state_before_it_and_its_gradient_stops_there(string key, bool useTable)
    {
        var golden = GoldenFixtures.Case(key);
        using var model = new FloatTokenModel(golden.Lender.Tensors("params"), useTable);
        int[][] tokens = LanguageModelCase.Tokens(golden, "tokens_chunk1");
        var state = model.ZeroState(tokens[0].Length);

        golden.Float32.AssertClose(golden.At("outputs", "loss_chunk1").GetDouble(), model.Step(tokens, LanguageModelCase.Tokens(golden, "targets_chunk1"), Ignored(golden), state), $"{golden}: loss 1");
        AssertState(golden, "h_carry", "c_carry", state);

        double loss = model.Step(LanguageModelCase.Tokens(golden, "tokens_chunk2"), LanguageModelCase.Tokens(golden, "targets_chunk2"), Ignored(golden), state);
        golden.Float32.AssertClose(golden.At("outputs", "loss_chunk2").GetDouble(), loss, $"{golden}: loss 2");
        AssertState(golden, "h_n", "c_n", state);
        model.AssertGradients(golden);
    }

    [Theory, MemberData(nameof(Optimizers))]
    public void The_first_norm_before_clipping_is_the_golden_one_whatever_the_optimiser(string key, bool useTable)
    {
        var golden = GoldenFixtures.Case(key);
        using var model = new FloatTokenModel(golden.Lender.Tensors("params"), useTable);
        Step(golden, model);

        golden.Float32.AssertClose(golden.Tensor("outputs", "grad_norms_before_clip").Values[0], Norm(model), $"{golden}: norm");
    }

    [Theory, MemberData(nameof(Optimizers))]
    public void Clipping_and_each_update_rule_give_the_golden_losses_norms_and_parameters(string key, bool useTable)
    {
        var golden = GoldenFixtures.Case(key);
        var tolerance = golden.Float32;
        using var model = new FloatTokenModel(golden.Lender.Tensors("params"), useTable);
        using var optimizer = Optimizer.Create(model.Parameters, Settings(golden));
        int steps = golden.Setting("steps", 0);
        Assert.True(steps > 0);
        for (int step = 0; step < steps; step++)
        {
            tolerance.AssertClose(golden.Tensor("outputs", "losses").Values[step], Step(golden, model), $"{golden}: loss of step {step}");
            float norm = Norm(model);
            tolerance.AssertClose(golden.Tensor("outputs", "grad_norms_before_clip").Values[step], norm, $"{golden}: norm of step {step}");
            float factor = golden.Has("config", "clip_max_norm") ? GradientClipping.Factor(norm, golden.Setting("clip_max_norm", 0.0)) : 1;
            optimizer.Step(model.Context.Kernels, LanguageModelCase.Hyper(golden, "lr", double.NaN), factor);
        }

        foreach (var (name, want) in LanguageModelCase.FinalParameters(golden))
            tolerance.AssertClose(want, model.Parameters[name].Values, $"{golden}: {name} after {steps} steps");
        tolerance.AssertClose(LanguageModelCase.FinalLoss(golden), Step(golden, model), $"{golden}: loss after {steps} steps");
    }

    private static OptimizerSettings Settings(GoldenCase golden)
    {
        var settings = new OptimizerSettings
        {
            Rule = LanguageModelCase.Rule(golden),
            Momentum = LanguageModelCase.Hyper(golden, "momentum", 0),
            Nesterov = LanguageModelCase.Hyper(golden, "nesterov"),
            SquareDecay = LanguageModelCase.Hyper(golden, "alpha", 0),
            Centered = LanguageModelCase.Hyper(golden, "centered"),
            Epsilon = golden.Has("config", "hyper", "eps") ? LanguageModelCase.Hyper(golden, "eps", 0) : null,
            WeightDecay = LanguageModelCase.Hyper(golden, "weight_decay", 0),
            AmsGrad = LanguageModelCase.Hyper(golden, "amsgrad"),
            DecoupledWeightDecay = LanguageModelCase.IsDecoupled(golden),
        };
        if (!golden.Has("config", "hyper", "betas"))
            return settings;
        var betas = golden.At("config", "hyper", "betas");
        return settings with { Beta1 = betas[0].GetDouble(), Beta2 = betas[1].GetDouble() };
    }

    private static double Step(GoldenCase golden, FloatTokenModel model)
    {
        int[][] tokens = LanguageModelCase.Tokens(golden, "tokens");
        return model.Step(tokens, LanguageModelCase.Tokens(golden, "targets"), Ignored(golden), model.ZeroState(tokens[0].Length));
    }

    private static float Norm(FloatTokenModel model) => new GradientNorm(model.Parameters, model.Context).Compute();

    private static int? Ignored(GoldenCase golden) => golden.Has("config", "ignore_index") ? golden.Setting("ignore_index", 0) : null;

    private static void AssertState(GoldenCase golden, string h, string c, (NativeBuffer H, NativeBuffer C) state)
    {
        golden.Float32.AssertClose(golden.Tensor("outputs", h), state.H.Slice(0, (int)state.H.Length), $"{golden}: {h}");
        golden.Float32.AssertClose(golden.Tensor("outputs", c), state.C.Slice(0, (int)state.C.Length), $"{golden}: {c}");
    }

    private static TheoryData<string, bool> WithAndWithoutTable(Func<GoldenCase, bool> filter)
    {
        var data = new TheoryData<string, bool>();
        foreach (string key in GoldenFixtures.List("lm_step", filter))
        {
            data.Add(key, true);
            data.Add(key, false);
        }

        return data;
    }
}
