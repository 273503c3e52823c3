using SequenceModels.Data;
using SequenceModels.Kernels;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

/// <summary>Runs that start from a model: classifiers from language models, and runs that go on.</summary>
public sealed class TransferTests
{
    private static readonly ArchitectureRequest s_words = new() { HiddenSize = 20, EmbeddingSize = 12, Layers = 2, Tokenizer = TokenizerKind.Word, LowerCase = true, MinimumCount = 1 };

    [Fact]
    public void A_classifier_takes_embedding_and_recurrent_layers_and_adds_its_own_words()
    {
        using var language = Language();
        using var start = TrainingBase.Of(BaseKind.BaseModel, language);
        var data = WithNewWord();
        var plan = Resolve(TaskKind.Classification, data, new(), new() { Epochs = 1, GradualUnfreezing = 1000, Seed = 2 }, start).Plan!;
        Assert.Equal((false, PoolingKind.Concat, CellKind.Lstm, 2, 20, 12), (plan.Architecture.Bidirectional, plan.Architecture.Pooling, plan.Architecture.Cell, plan.Architecture.Layers, plan.Architecture.HiddenSize, plan.Architecture.EmbeddingSize));
        int known = language.Tokenizer.Vocabulary.Count - 2;
        Assert.Equal((known, 1), (plan.BaseVocabulary!.Kept, plan.BaseVocabulary.Added));
        Assert.Equal(["<unknown>", .. language.Tokenizer.Vocabulary.Tokens.Skip(2), "zeppelin"], plan.Tokenizer.Vocabulary.Tokens);

        // All but the head is frozen: what was taken over is what the language model has, bit for bit.
        using var outcome = new Trainer(2).Train(plan, data, data, _ => { }, default);
        var (own, old) = (outcome.Model.Parameters, language.Parameters);
        foreach (var parameter in own.Parameters.Where(parameter => parameter.Name.StartsWith("rnn.", StringComparison.Ordinal)))
            Assert.Equal(old[parameter.Name].Values.ToArray(), parameter.Values.ToArray());
        float[] rows = own["embedding.weight"].Values.ToArray(), oldRows = old["embedding.weight"].Values.ToArray();
        Assert.Equal(oldRows[..12], rows[..12]);
        Assert.Equal(oldRows[24..], rows[12..^12]);
        double deviation = Math.Sqrt(oldRows.Average(value => (double)value * value)), added = Math.Sqrt(rows[^12..].Average(value => (double)value * value));
        Assert.InRange(added / deviation, 0.3, 2); // twelve random numbers of the deviation of the language model's rows
        Assert.Contains(own["fc.weight"].Values.ToArray(), value => value != 0);
    }

    [Fact]
    public void Layers_learn_one_after_the_other_from_the_head_down()
    {
        using var language = Language();
        using var start = TrainingBase.Of(BaseKind.BaseModel, language);
        var data = TrainingRuns.Labelled(60);
        string[] Moved(int epochs)
        {
            var plan = Resolve(TaskKind.Classification, data, new(), new() { Epochs = epochs, GradualUnfreezing = 1, LearningRate = 0.01, EarlyStoppingPatience = 100, Seed = 2 }, start).Plan!;
            using var outcome = new Trainer(1).Train(plan, data, data, _ => { }, default);
            Assert.Equal(epochs, outcome.BestEpoch); // of an improving run the last weights are kept
            return [.. outcome.Model.Parameters.Parameters.Where(parameter => parameter.Name is "embedding.weight" or "rnn.weight_hh_l0" or "rnn.weight_hh_l1")
                .Where(parameter => !Taken(language, parameter)).Select(parameter => parameter.Name)];
        }

        Assert.Equal([], Moved(1));
        Assert.Equal(["rnn.weight_hh_l1"], Moved(2));
        Assert.Equal(["rnn.weight_hh_l0", "rnn.weight_hh_l1"], Moved(3));
        Assert.Equal(["embedding.weight", "rnn.weight_hh_l0", "rnn.weight_hh_l1"], Moved(4));
    }

    [Theory]
    [InlineData("fc.weight", 0)]
    [InlineData("attention.bias", 0)]
    [InlineData("score.weight", 0)]
    [InlineData("rnn.weight_ih_l2", 1)]
    [InlineData("rnn.ln_ih_gamma_l2_reverse", 1)]
    [InlineData("norms.1.weight", 2)]
    [InlineData("rnn.bias_hh_l0_reverse", 3)]
    [InlineData("h0", 3)]
    [InlineData("embedding.weight", 4)]
    public void A_parameter_belongs_to_the_group_of_its_layer(string name, int depth) => Assert.Equal(depth, LayerGroups.DepthOf(name, 3));

    [Fact]
    public void The_rate_falls_from_layer_to_layer_and_covers_every_value()
    {
        using var parameters = NetworkLayout.Create(TaskKind.Classification, new() { Layers = 2, HiddenSize = 5, EmbeddingSize = 3, Pooling = PoolingKind.Concat }, 7, 2);
        var groups = LayerGroups.Rates(parameters, new() { LayerRateDecay = 0.5, GradualUnfreezing = 2 }, epoch: 5)!;
        Assert.Equal(0, groups[0].Start);
        Assert.All(groups.Zip(groups.Skip(1)), pair => Assert.Equal(pair.First.Start + pair.First.Length, pair.Second.Start));
        Assert.Equal(parameters.Values.Length, groups[^1].Start + groups[^1].Length);
        var factors = parameters.Parameters.Zip(groups).ToDictionary(pair => pair.First.Name, pair => pair.Second.Factor);
        Assert.Equal((0, 0.25, 0.5, 1), (factors["embedding.weight"], factors["rnn.weight_ih_l0"], factors["rnn.weight_ih_l1"], factors["fc.weight"]));
        Assert.Null(LayerGroups.Rates(parameters, new(), epoch: 5));
    }

    public static TheoryData<OptimizerSettings> Rules =>
    [
        new(), new() { AmsGrad = true }, new() { DecoupledWeightDecay = true, WeightDecay = 0.1 }, new() { Rule = UpdateRule.Sgd, Momentum = 0.9, WeightDecay = 0.01 },
        new() { Rule = UpdateRule.RmsProp, Centered = true }, new() { Rule = UpdateRule.Adagrad }, new() { Rule = UpdateRule.AveragedSgd },
    ];

    [Theory, MemberData(nameof(Rules))]
    public void A_group_s_values_move_as_with_a_rate_of_their_own_and_at_a_factor_of_0_not_at_all(OptimizerSettings rule)
    {
        using ParameterSet three = Filled("a", "b", "c"), first = Filled("a"), third = Filled("c");
        using Optimizer grouped = Optimizer.Create(three, rule), plain = Optimizer.Create(first, rule), slow = Optimizer.Create(third, rule);
        float[] b = three["b"].Values.ToArray();
        grouped.RateGroups = [new(0, 48, 1), new(48, 48, 0), new(96, three.Values.Length - 96, 0.25)];
        for (int step = 0; step < 5; step++)
        {
            foreach (var set in new[] { three, first, third })
            {
                foreach (var parameter in set.Parameters)
                    for (int i = 0; i < parameter.Length; i++)
                        parameter.Gradients[i] = (i % 7 - 3) * 0.1f * (step + 1);
            }

            grouped.Step(KernelSet.Best, 0.01, 0.5f);
            plain.Step(KernelSet.Best, 0.01, 0.5f);
            slow.Step(KernelSet.Best, 0.01 * 0.25, 0.5f);
            Assert.All(three.Gradients.Slice(0, 144).ToArray(), gradient => Assert.Equal(0, gradient));
        }

        Assert.Equal(first["a"].Values.ToArray(), three["a"].Values.ToArray());
        Assert.Equal(b, three["b"].Values.ToArray());
        Assert.Equal(third["c"].Values.ToArray(), three["c"].Values.ToArray());
    }

    [Theory]
    [InlineData(TaskKind.LanguageModel, "lines")]
    [InlineData(TaskKind.LanguageModel, "text")]
    [InlineData(TaskKind.LanguageModel, "labelled")]
    [InlineData(TaskKind.Classification, "labelled")]
    public void A_run_that_goes_on_begins_with_the_weights_vocabulary_and_labels_of_its_base(TaskKind task, string kind)
    {
        TrainingData Data(int count) => kind switch { "lines" => TrainingRuns.Lines(count), "text" => TrainingRuns.Text(count), _ => TrainingRuns.Labelled(count) };
        using var before = TrainingRuns.Train(task, Data(60), s_words with { Pooling = task == TaskKind.Classification ? PoolingKind.Mean : null }, new() { Epochs = 2, Seed = 1 });
        using var start = TrainingBase.Of(BaseKind.ContinueFrom, before.Model);
        var (training, validation) = DataSplitter.Split(Data(30), 0.2, 2);
        var plan = TrainingPlanner.Resolve(task, training, validation, new(), new() { Epochs = 1, LearningRate = 1e-12, Seed = 2 }, 1, start).Plan!;
        Assert.Equal(before.Model.Architecture, plan.Architecture);
        Assert.Same(before.Model.Tokenizer, plan.Tokenizer);
        Assert.Equal(before.Model.Labels, plan.Labels);

        // Steps of 1e-12 leave single floats of order 1 as they are.
        using var after = new Trainer(1).Train(plan, training, validation, _ => { }, default);
        Assert.Equal(before.Model.Parameters["rnn.weight_hh_l1"].Values.ToArray(), after.Model.Parameters["rnn.weight_hh_l1"].Values.ToArray(), (left, right) => Math.Abs(left - right) <= 1e-9f);
        Assert.Equal(before.Model.Evaluate(validation, plan.Training.SequenceLength, 1, default)["validationLoss"], after.Metrics["validationLoss"], 1e-5);
    }

    [Fact]
    public void What_cannot_be_started_from_a_base_is_refused_with_both_values()
    {
        using var language = Language();
        using var classifier = TrainingRuns.Train(TaskKind.Classification, TrainingRuns.Labelled(40), s_words with { Pooling = PoolingKind.Max }, new() { Epochs = 1, Seed = 1 });
        using var ofLanguage = TrainingBase.Of(BaseKind.BaseModel, language);
        using var ofClassifier = TrainingBase.Of(BaseKind.BaseModel, classifier.Model);
        using var goingOn = TrainingBase.Of(BaseKind.ContinueFrom, classifier.Model);
        var labelled = TrainingRuns.Labelled(30);
        string Refusal(TaskKind task, TrainingData data, ArchitectureRequest architecture, TrainingBase? start, TrainingRequest? run = null) => Resolve(task, data, architecture, run ?? new() { Seed = 1 }, start).Refusal!;

        Assert.Matches("hiddenSize.*21.*20", Refusal(TaskKind.Classification, labelled, new() { HiddenSize = 21 }, ofLanguage));
        Assert.Matches("bidirectional.*True.*False", Refusal(TaskKind.Classification, labelled, new() { Bidirectional = true }, ofLanguage));
        Assert.Matches("pooling.*Mean.*Max", Refusal(TaskKind.Classification, labelled, new() { Pooling = PoolingKind.Mean }, goingOn));
        Assert.Contains("language model", Refusal(TaskKind.Classification, labelled, new(), ofClassifier), StringComparison.Ordinal);
        Assert.Contains("keeps its task", Refusal(TaskKind.LanguageModel, TrainingRuns.Lines(30), new(), goingOn), StringComparison.Ordinal);
        Assert.Matches("not know: new.*dry, wet", Refusal(TaskKind.Classification, new TrainingData.Labelled([new("the stone", "new"), new("the river", "wet")]), new(), goingOn));
        Assert.Contains("base model", Refusal(TaskKind.Classification, labelled, new(), goingOn, new() { GradualUnfreezing = 1, Seed = 1 }), StringComparison.Ordinal);
        Assert.Contains("base model", Refusal(TaskKind.Classification, labelled, new(), null, new() { LayerRateDecay = 0.5, Seed = 1 }), StringComparison.Ordinal);
        Assert.Equal(9, ofLanguage.Contradictions(new()
        {
            Cell = CellKind.Gru,
            Layers = 1,
            HiddenSize = 1,
            EmbeddingSize = 1,
            Bidirectional = true,
            Residual = true,
            LayerNorm = true,
            Tokenizer = TokenizerKind.Character,
            LowerCase = false,
            Dropout = 0.9,
        }).Count);
    }

    [Fact]
    public void Unknown_tokens_of_a_run_that_goes_on_are_counted()
    {
        using var language = Language();
        using var start = TrainingBase.Of(BaseKind.ContinueFrom, language);
        var data = new TrainingData.Lines(["the river carries a zeppelin", "a zeppelin follows the river"]);
        var vocabulary = Resolve(TaskKind.LanguageModel, data, new(), new() { Seed = 1 }, start).Plan!.BaseVocabulary!;
        Assert.Equal((0, 10, 4, 2), (vocabulary.Added, vocabulary.Tokens, vocabulary.Unknown, vocabulary.DifferentUnknown));
    }

    [Fact]
    public void A_base_without_weights_plans_the_same_and_cannot_train()
    {
        using var language = Language();
        using var start = TrainingBase.Of(BaseKind.BaseModel, language);
        using var light = TrainingBase.WithoutWeights(BaseKind.BaseModel, language.Task, language.Architecture, language.Tokenizer, language.Labels);
        var data = TrainingRuns.Labelled(30);
        var plan = Resolve(TaskKind.Classification, data, new(), new() { Seed = 1 }, light).Plan!;
        Assert.Equal(Resolve(TaskKind.Classification, data, new(), new() { Seed = 1 }, start).Plan!.MemoryBytes, plan.MemoryBytes);
        Assert.Throws<InvalidOperationException>(() => new Trainer(1).Train(plan, data, data, _ => { }, default));
    }

    private static LanguageModel Language() => (LanguageModel)TrainingRuns.Train(TaskKind.LanguageModel, TrainingRuns.Lines(60), s_words, new() { Epochs = 2, Seed = 1 }).Model;

    private static TrainingData.Labelled WithNewWord() =>
        new([.. ((TrainingData.Labelled)TrainingRuns.Labelled(60)).Items, new("the zeppelin finds the river", "wet"), new("the zeppelin finds the stone", "dry")]);

    private static PlanOutcome Resolve(TaskKind task, TrainingData data, ArchitectureRequest architecture, TrainingRequest settings, TrainingBase? start) =>
        TrainingPlanner.Resolve(task, data, data, architecture, settings, 1, start);

    private static bool Taken(LanguageModel language, Parameter parameter)
    {
        float[] old = language.Parameters[parameter.Name].Values.ToArray(), own = parameter.Values.ToArray();
        return parameter.Name == "embedding.weight" ? old.AsSpan(24).SequenceEqual(own.AsSpan(12)) : old.AsSpan().SequenceEqual(own); // without the rows of unknown and end
    }

    private static ParameterSet Filled(params string[] names)
    {
        var set = new ParameterSet(names.Select(name => (name, new[] { 45 })));
        foreach (var parameter in set.Parameters)
            for (int i = 0; i < parameter.Length; i++)
                parameter.Values[i] = i * 0.01f;
        return set;
    }
}
