using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Tests.Tasks;

/// <summary>The gradients of whole networks against differences of their losses, for each option of the layers and each pair, with every smooth cell: at a fixed step the masks are fixed, so the loss is a function of the parameters.</summary>
public sealed class LayerOptionGradientTests
{
    /// <summary>Half the distance of the outer points: losses in single precision are right to about 1e-7, which is divided by it, and the formula of five points to its fourth power.</summary>
    private const double Width = 0.006;

    /// <summary>Where that power is not small enough: normalisations within normalisations bend the loss.</summary>
    private const double NarrowWidth = 0.0015;

    /// <summary>Of a tensor's directional derivative, relative to the gradient's norm, or to 0.03 where that is more: below it the rounding of the losses weighs.</summary>
    private const double Tolerance = 3e-3;

    /// <summary>A rectifier has kinks between which differences tell nothing.</summary>
    private static readonly CellKind[] s_smooth = [.. Enum.GetValues<CellKind>().Where(cell => cell != CellKind.ReluRnn)];

    public static TheoryData<TaskKind, string> Options
    {
        get
        {
            var data = new TheoryData<TaskKind, string>();
            foreach (var task in Enum.GetValues<TaskKind>())
            {
                foreach (string name in LayerOptions.Of(task))
                    data.Add(task, name);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Options))]
    public void Alone_and_with_each_other_option(TaskKind task, string name)
    {
        string[] options = [.. LayerOptions.Of(task)];
        int first = Array.IndexOf(options, name);
        for (int second = 0; second < options.Length; second++)
        {
            for (int c = 0; c < s_smooth.Length; c++)
            {
                var cell = s_smooth[c];
                bool alone = second == first, thorough = alone || cell == CellKind.Lstm;
                if (!thorough && second < first)
                    continue; // each pair once
                int variant = 2 * first + second + c;
                var architecture = new ArchitectureSettings
                {
                    Cell = cell,
                    Layers = alone ? 2 : thorough ? 1 + variant % 3 : 1 + variant / 2 % 2,
                    HiddenSize = 5,
                    EmbeddingSize = variant % 2 == 0 ? 5 : 8, // tied embeddings with and without a projection
                    Bidirectional = task == TaskKind.Classification && variant % 2 == 0,
                    Pooling = task == TaskKind.Classification ? PoolingKind.Mean : null,
                };
                architecture = LayerOptions.With(architecture, name, options[second]);
                bool both = thorough && cell is (CellKind.Lstm or CellKind.Gru or CellKind.Rnn); // of the others one way each, in turn
                bool fromValues = architecture.InputDropout is not null || variant % 2 == 0;
                if (both || fromValues)
                    Check(task, architecture, useTable: false, thorough, $"{name} and {options[second]}");
                if ((both || !fromValues) && architecture.InputDropout is null)
                    Check(task, architecture, useTable: true, thorough, $"{name} and {options[second]}, from a table");
            }
        }
    }

    /// <summary>The vectors of labels, beside whatever else is done with what a network reads.</summary>
    [Fact]
    public void With_labels_that_a_language_model_reads()
    {
        foreach (string name in LayerOptions.Of(TaskKind.LanguageModel))
        {
            foreach (var cell in name is "dropout" or "embeddingDropout" ? s_smooth : [CellKind.Lstm])
            {
                var architecture = LayerOptions.With(new ArchitectureSettings { Cell = cell, Layers = 2, HiddenSize = 5, EmbeddingSize = 4 }, name);
                Check(TaskKind.LanguageModel, architecture, useTable: false, thorough: true, $"{name} and labels", conditional: true);
            }
        }
    }

    /// <summary>Last state, maximum and mean together.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_all_poolings_together(bool bidirectional) =>
        Check(TaskKind.Classification, new ArchitectureSettings { Layers = 2, HiddenSize = 5, EmbeddingSize = 4, Bidirectional = bidirectional, Pooling = PoolingKind.Concat, OutputDropout = 0.3 }, useTable: false, thorough: true, "concat");

    /// <summary>Each tensor along its gradient and along a random direction; unless <paramref name="thorough"/>, along one of the two in turn.</summary>
    private static void Check(TaskKind task, ArchitectureSettings architecture, bool useTable, bool thorough, string what, bool conditional = false)
    {
        using var step = new NetworkStep(task, architecture, useTable, conditional: conditional);
        Assert.Equal(conditional, step.Parameters.Parameters.Any(parameter => parameter.Name == "label_embedding.weight"));
        step.Run();
        float[][] gradients = [.. step.Parameters.Parameters.Select(parameter => parameter.Gradients.ToArray())];
        Assert.All(gradients, gradient => Assert.All(gradient, value => Assert.True(float.IsFinite(value))));
        var random = new Random(1);
        for (int i = 0; i < gradients.Length; i++)
        {
            var (parameter, gradient) = (step.Parameters.Parameters[i], gradients[i]);
            string tensor = $"{what}, {architecture.Cell} x {architecture.Layers}: {parameter.Name}";
            double norm = Math.Sqrt(gradient.Sum(g => (double)g * g));
            if (thorough || i % 2 == 0)
                Compare(step, parameter, gradient, norm == 0 ? gradient : [.. gradient.Select(g => (float)(g / norm))], norm, $"{tensor} along its gradient");
            float[] direction = [.. gradient.Select(_ => 2 * random.NextSingle() - 1)];
            double length = Math.Sqrt(direction.Sum(d => (double)d * d));
            if (thorough || i % 2 == 1)
                Compare(step, parameter, gradient, [.. direction.Select(d => (float)(d / length))], norm, $"{tensor} along a random direction");
        }
    }

    private static void Compare(NetworkStep step, Parameter parameter, float[] gradient, float[] direction, double norm, string what)
    {
        double got = gradient.Zip(direction, (g, d) => (double)g * d).Sum();
        float[] values = parameter.Values.ToArray();
        double At(double distance)
        {
            for (int i = 0; i < values.Length; i++)
                parameter.Values[i] = (float)(values[i] + distance * direction[i]);
            return step.Run();
        }

        // A wrong gradient agrees with the differences at neither width.
        double limit = Tolerance * Math.Max(norm, 0.03), want = Derivative(At, Width);
        if (Math.Abs(got - want) > limit)
            want = Derivative(At, NarrowWidth);
        values.CopyTo(parameter.Values);
        Assert.True(Math.Abs(got - want) <= limit, $"{what}: {got} instead of {want}.");
    }

    private static double Derivative(Func<double, double> loss, double width) => (8 * (loss(width) - loss(-width)) - (loss(2 * width) - loss(-2 * width))) / (12 * width);
}
