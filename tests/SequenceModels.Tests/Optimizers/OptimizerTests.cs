using FsCheck;
using FsCheck.Xunit;
using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Optimizers;
using SequenceModels.Tensors;

namespace SequenceModels.Tests.Optimizers;

/// <summary>What all update rules have in common: settings, memory that can be carried over, averaging, clipping by value.</summary>
public sealed class OptimizerTests
{
    public static TheoryData<UpdateRule, bool> Rules
    {
        get
        {
            var data = new TheoryData<UpdateRule, bool>();
            foreach (var rule in Enum.GetValues<UpdateRule>())
            {
                data.Add(rule, false);
                data.Add(rule, true);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Rules))]
    public void A_run_that_gets_buffers_and_counts_back_goes_on_with_the_same_bits(UpdateRule rule, bool everything)
    {
        var settings = Settings(rule, everything);
        using ParameterSet whole = Parameters(), parted = Parameters();
        using var uninterrupted = Optimizer.Create(whole, settings);
        using var resumed = Optimizer.Create(parted, settings);
        using (var interrupted = Optimizer.Create(parted, settings))
        {
            Steps(whole, uninterrupted, 0, 3);
            Steps(parted, interrupted, 0, 3);
            uninterrupted.StartAveraging();
            interrupted.StartAveraging();
            Steps(whole, uninterrupted, 3, 2);
            Steps(parted, interrupted, 3, 2);
            Assert.Equal(interrupted.Buffers.Select(b => b.Name), resumed.Buffers.Select(b => b.Name));
            foreach (var (from, to) in interrupted.Buffers.Zip(resumed.Buffers))
                All(from.Values).CopyTo(All(to.Values));
            resumed.Resume(interrupted.Counts);
        }

        Steps(whole, uninterrupted, 5, 4);
        Steps(parted, resumed, 5, 4);
        uninterrupted.ExchangeForEvaluation();
        resumed.ExchangeForEvaluation();

        Assert.Equal(9, resumed.Steps);
        Assert.Equal(uninterrupted.Counts, resumed.Counts);
        Assert.Equal(All(whole.Values), All(parted.Values));
        foreach (var (want, got) in uninterrupted.Buffers.Zip(resumed.Buffers))
            Assert.Equal(All(want.Values), All(got.Values));
    }

    [Theory, MemberData(nameof(Rules))]
    public void Every_rule_finds_the_least_of_a_parabola(UpdateRule rule, bool everything)
    {
        using var parameters = Parameters();
        using var optimizer = Optimizer.Create(parameters, Settings(rule, everything) with { WeightDecay = 0 });
        for (int step = 0; step < 3000; step++)
        {
            for (int i = 0; i < parameters["w"].Length; i++)
                parameters["w"].Gradients[i] = 2 * (parameters["w"].Values[i] - 3);
            if (step == 1000)
                optimizer.StartAveraging();
            optimizer.Step(KernelSet.Best, step < 2000 ? 0.1 : 0.002, gradientScale: 1);
        }

        optimizer.ExchangeForEvaluation();
        Assert.All(parameters["w"].Values.ToArray(), value => Assert.Equal(3, value, 0.05));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Moments_that_begin_anew_late_in_a_run_are_corrected_as_those_at_its_start(bool amsGrad)
    {
        const int Elements = 7;
        var settings = new OptimizerSettings { AmsGrad = amsGrad };
        using ParameterSet young = Parameters(), old = Parameters();
        using Optimizer first = Optimizer.Create(young, settings), late = Optimizer.Create(old, settings);
        late.Resume(new OptimizerCounts(5000, MomentsStart: 5000));
        for (int step = 0; step < 5; step++)
        {
            foreach (var (parameters, optimizer) in new[] { (young, first), (old, late) })
            {
                parameters.Gradients.Slice(0, Elements).Fill(0.25f * (step + 1));
                optimizer.Step(KernelSet.Best, 0.01, 1);
            }
        }

        Assert.Equal(young.Values.Slice(0, Elements).ToArray(), old.Values.Slice(0, Elements).ToArray());
        Assert.Equal(5005, late.Steps);

        static ParameterSet Parameters() => new([("w", [Elements])]);
    }

    [Fact]
    public void Averaging_starts_when_a_validation_is_worse_than_the_least_of_the_old_ones()
    {
        double[] falling = [9, 8, 7, 6, 5, 4];
        Assert.False(IsTriggered([], 0));
        Assert.False(IsTriggered([5], 0));
        Assert.All(Enumerable.Range(0, falling.Length), count => Assert.False(IsTriggered(falling[..count], 0)));
        Assert.True(IsTriggered([5, 6], 0));
        Assert.False(IsTriggered([5, 6], 1)); // only one before it, which is not old enough
        Assert.True(IsTriggered([5, 9, 6], 1));
        Assert.False(IsTriggered([5, 4, 4.5], 1)); // not above the least of the old ones
        Assert.True(IsTriggered([5, 4, 3, 4.5], 1));
        Assert.False(IsTriggered([5, 5], 0)); // no worse
    }

    [Property]
    public void Averaging_starts_only_above_the_least_of_the_old_validations(NonEmptyArray<NormalFloat> losses, NonNegativeInt patience)
    {
        double[] all = Array.ConvertAll(losses.Get, loss => loss.Get), old = [.. all.SkipLast(1 + patience.Get)];
        Assert.Equal(old.Length > 0 && all[^1] > old.Min(), IsTriggered(all, patience.Get));
        Assert.False(IsTriggered([.. all.OrderDescending()], patience.Get));
    }

    [Property]
    public void The_trigger_is_that_of_all_losses_at_every_validation(int seed)
    {
        var random = new Random(seed);
        int patience = random.Next(2) == 0 ? random.Next(4) : random.Next(60);
        double[] losses = [.. Enumerable.Range(0, random.Next(1, 300)).Select(i => random.Next(40) == 0 ? double.NaN : random.NextDouble() + 1.0 / (1 + i))];
        var trigger = new NonMonotoneTrigger();
        for (int i = 0; i < losses.Length; i++)
        {
            Assert.Equal(losses[..Math.Max(0, i - patience)].Any(old => losses[i] > old), trigger.Add(losses[i], patience));
            Assert.InRange(trigger.Recent.Count, 0, patience);
        }
    }

    [Fact]
    public void Averages_are_those_of_the_points_after_the_start_but_the_first()
    {
        using var parameters = Parameters();
        using var optimizer = Optimizer.Create(parameters, new OptimizerSettings { Rule = UpdateRule.AveragedSgd, AveragingPatience = 0 });
        Steps(parameters, optimizer, 0, 2);
        optimizer.StartAveraging();
        optimizer.ExchangeForEvaluation(); // nothing to exchange yet
        var points = new List<float[]>();
        for (int step = 2; step < 7; step++)
        {
            Steps(parameters, optimizer, step, 1);
            points.Add(parameters["w"].Values.ToArray());
        }

        optimizer.ExchangeForEvaluation();

        for (int i = 0; i < parameters["w"].Length; i++)
            Assert.Equal(points.Skip(1).Average(point => (double)point[i]), parameters["w"].Values[i], 1e-6);
    }

    [Fact]
    public void Gradients_added_up_over_batches_and_scaled_are_one_step_of_their_mean()
    {
        using ParameterSet once = Parameters(), parts = Parameters();
        using Optimizer one = new Adam(once), other = new Adam(parts);
        for (int i = 0; i < once["w"].Length; i++)
        {
            once["w"].Gradients[i] = (i + (i + 1)) / 2f;
            parts["w"].Gradients[i] += i;
            parts["w"].Gradients[i] += i + 1;
        }

        one.Step(KernelSet.Best, 0.01, gradientScale: 1);
        other.Step(KernelSet.Best, 0.01, gradientScale: 0.5f);

        Assert.Equal(once["w"].Values, parts["w"].Values);
    }

    [Fact]
    public void A_team_updates_and_measures_with_the_same_bits_as_one_thread()
    {
        var results = new List<(float Norm, float[] Values)>();
        foreach (int threads in new[] { 1, 2, 3 })
        {
            foreach (var rule in Enum.GetValues<UpdateRule>())
            {
                using var context = ComputeContext.Create(threads);
                using var parameters = new ParameterSet([("w", [70_001])]);
                using var optimizer = Optimizer.Create(parameters, new OptimizerSettings { Rule = rule });
                for (int i = 0; i < parameters["w"].Length; i++)
                    parameters["w"].Gradients[i] = MathF.Sin(i);
                float norm = new GradientNorm(parameters, context).Compute();
                optimizer.Step(context, 0.01, 0.5f);
                results.Add((norm, parameters["w"].Values.ToArray()));
                Assert.All(parameters["w"].Gradients.ToArray(), gradient => Assert.Equal(0, gradient));
            }
        }

        int rules = Enum.GetValues<UpdateRule>().Length;
        for (int i = rules; i < results.Count; i++)
        {
            Assert.Equal(results[i % rules].Norm, results[i].Norm);
            Assert.Equal(results[i % rules].Values, results[i].Values);
        }
    }

    [Fact]
    public void Clipping_by_value_bounds_every_gradient()
    {
        using var parameters = Parameters();
        float[] gradients = [.. Enumerable.Range(0, parameters["w"].Length).Select(i => (i - 10) / 4f)];
        gradients.CopyTo(parameters["w"].Gradients);

        GradientClipping.ByValue(KernelSet.Best, parameters, 1.25);

        Assert.Equal([.. gradients.Select(value => Math.Clamp(value, -1.25f, 1.25f))], parameters["w"].Gradients.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ByValue(KernelSet.Best, parameters, 0));
    }

    [Fact]
    public void Settings_out_of_range_are_all_told_at_once()
    {
        Assert.Empty(new OptimizerSettings().Validate());
        Assert.All(Enum.GetValues<UpdateRule>(), rule => Assert.Empty(Settings(rule, everything: true).Validate()));
        var bad = new OptimizerSettings
        {
            Rule = (UpdateRule)77,
            Momentum = 1,
            SquareDecay = double.NaN,
            Beta1 = -0.1,
            Beta2 = 1,
            Epsilon = 0,
            WeightDecay = 2,
            AveragingPatience = -1,
        };
        Assert.Equal(["momentum", "squareDecay", "beta1", "beta2", "epsilon", "weightDecay", "averagingPatience", "rule"], bad.Validate().Select(problem => problem.Name));
        Assert.Equal("nesterov", Assert.Single(new OptimizerSettings { Rule = UpdateRule.Sgd, Nesterov = true }.Validate()).Name);
        using var parameters = Parameters();
        Assert.Throws<ArgumentException>(() => Optimizer.Create(parameters, new OptimizerSettings { Momentum = 1 }));
    }

    private static bool IsTriggered(double[] losses, int patience)
    {
        var trigger = new NonMonotoneTrigger();
        return losses.Aggregate(false, (_, loss) => trigger.Add(loss, patience));
    }

    private static OptimizerSettings Settings(UpdateRule rule, bool everything)
    {
        var settings = new OptimizerSettings { Rule = rule, AveragingPatience = 0 };
        return everything ? settings with { Momentum = 0.8, Nesterov = true, Centered = true, AmsGrad = true, WeightDecay = 0.01, DecoupledWeightDecay = rule == UpdateRule.Sgd } : settings;
    }

    private static ParameterSet Parameters()
    {
        var parameters = new ParameterSet([("w", [21])]);
        for (int i = 0; i < parameters["w"].Length; i++)
            parameters["w"].Values[i] = i / 8f;
        return parameters;
    }

    private static void Steps(ParameterSet parameters, Optimizer optimizer, int first, int count)
    {
        for (int step = first; step < first + count; step++)
        {
            for (int i = 0; i < parameters["w"].Length; i++)
                parameters["w"].Gradients[i] = MathF.Sin(step + i);
            optimizer.Step(KernelSet.Best, 0.05, gradientScale: 0.7f);
        }
    }

    private static Span<float> All(NativeBuffer buffer) => buffer.Slice(0, (int)buffer.Length);
}
