using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Tests.Tasks;

/// <summary>The gradients of whole networks against differences of their losses, for each option of the layers and each pair: at a fixed step the masks are fixed, so the loss is a function of the parameters.</summary>
public sealed class LayerOptionGradientTests
{
    /// <summary>Half the distance of the outer points: losses in single precision are right to about 1e-7, which is divided by it, and the formula of five points to its fourth power.</summary>
    private const double Width = 0.006;

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
        int index = 0;
        foreach (string other in LayerOptions.Of(task))
        {
            foreach (var cell in s_smooth.Where(cell => other == name || cell == CellKind.Lstm))
            {
                index++;
                var architecture = new ArchitectureSettings
                {
                    Cell = cell,
                    Layers = other == name ? 2 : 1 + index % 3,
                    HiddenSize = 5,
                    EmbeddingSize = index % 2 == 0 ? 5 : 4, // tied embeddings with and without a projection
                    Bidirectional = task == TaskKind.Classification && index % 2 == 0,
                    Pooling = task == TaskKind.Classification ? PoolingKind.Mean : null,
                };
                architecture = LayerOptions.With(architecture, name, other);
                bool both = cell is CellKind.Lstm or CellKind.Gru or CellKind.Rnn; // of the others one way each, in turn
                if (both || index % 2 == 0 || architecture.InputDropout is not null)
                    Check(task, architecture, useTable: false, $"{name} and {other}");
                if ((both || index % 2 == 1) && architecture.InputDropout is null)
                    Check(task, architecture, useTable: true, $"{name} and {other}, from a table");
            }
        }
    }

    private static void Check(TaskKind task, ArchitectureSettings architecture, bool useTable, string what)
    {
        using var step = new NetworkStep(task, architecture, useTable);
        step.Run();
        float[][] gradients = [.. step.Parameters.Parameters.Select(parameter => parameter.Gradients.ToArray())];
        Assert.All(gradients, gradient => Assert.All(gradient, value => Assert.True(float.IsFinite(value))));
        var random = new Random(1);
        foreach (var (parameter, gradient) in step.Parameters.Parameters.Zip(gradients))
        {
            double norm = Math.Sqrt(gradient.Sum(g => (double)g * g));
            Compare(step, parameter, gradient, norm == 0 ? gradient : [.. gradient.Select(g => (float)(g / norm))], norm, $"{what}, {architecture.Cell} x {architecture.Layers}: {parameter.Name} along its gradient");
            float[] direction = [.. gradient.Select(_ => 2 * random.NextSingle() - 1)];
            double length = Math.Sqrt(direction.Sum(d => (double)d * d));
            Compare(step, parameter, gradient, [.. direction.Select(d => (float)(d / length))], norm, $"{what}, {architecture.Cell} x {architecture.Layers}: {parameter.Name} along a random direction");
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

        double want = (8 * (At(Width) - At(-Width)) - (At(2 * Width) - At(-2 * Width))) / (12 * Width);
        values.CopyTo(parameter.Values);
        Assert.True(Math.Abs(got - want) <= Tolerance * Math.Max(norm, 0.03), $"{what}: {got} instead of {want}.");
    }
}
