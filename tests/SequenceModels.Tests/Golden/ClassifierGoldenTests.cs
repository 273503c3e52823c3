using SequenceModels.Layers;
using SequenceModels.Tasks;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>One training step of a classifier in float: padded tokens, two directions, each pooling, class weights, in single precision.</summary>
public sealed unsafe class ClassifierGoldenTests
{
    public static TheoryData<string> Steps => GoldenFixtures.Keys("classifier_step");

    [Theory, MemberData(nameof(Steps))]
    public void Features_loss_and_gradients_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var tolerance = golden.Float32;
        using var model = new FloatTokenModel(golden.Tensors("params"), useTable: false);
        int[] size = golden.Tensor("inputs", "tokens").Shape; // [T,B]
        int padding = golden.Setting("padding_idx", absent: -1);
        int[] tokens = [.. golden.Integers("inputs", "tokens").Select(token => token == padding ? -1 : token)];
        int[] labels = golden.Integers("inputs", "labels");
        var shape = new SequenceShape(size[0], size[1], golden.Integers("inputs", "lengths"));
        var pooling = golden.Setting("pool") switch
        {
            "last" => PoolingKind.Last,
            "mean" => PoolingKind.Mean,
            "max" => PoolingKind.Max,
            var other => throw new InvalidDataException($"There is no pooling '{other}'."),
        };
        int features = model.Encoder.OutputSize, directions = model.Architecture.Bidirectional ? 2 : 1;
        float[] classWeights = golden.Has("config", "class_weights") ? golden.Tensor("config", "class_weights").Floats : [.. Enumerable.Repeat(1f, golden.Setting("classes", 0))];
        float divisor = labels.Sum(label => classWeights[label]);
        float[] pooled, dPooled = new float[shape.Batch * features], losses = new float[shape.Batch];
        var pool = new Pooling(model.Context, pooling, features, directions);
        model.Begin();
        fixed (int* tokensAt = tokens, labelsAt = labels)
        fixed (float* dPooledAt = dPooled, lossesAt = losses, weightsAt = classWeights)
        {
            float* output = model.Encoder.Forward(shape, tokensAt, null, null, default, training: true);
            float* pooledAt = pool.Forward(shape, output, training: true);
            pooled = new ReadOnlySpan<float>(pooledAt, dPooled.Length).ToArray();
            model.Loss.Run(pooledAt, shape.Batch, labelsAt, lossesAt, dPooledAt, 1 / divisor, weightsAt);
            float* gradient = model.Context.Workspace.Allocate((long)shape.Rows * features);
            pool.Backward(dPooledAt, gradient);
            model.Encoder.Backward(gradient);
        }

        tolerance.AssertClose(golden.Tensor("outputs", "features"), pooled, $"{golden}: features");
        tolerance.AssertClose(golden.Loss, losses.Sum(loss => (double)loss) / divisor, $"{golden}: loss");
        model.AssertGradients(golden);
    }
}
