using SequenceModels.Layers;
using SequenceModels.Losses;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Golden;

/// <summary>The float layers put together as the tasks do it: embedding and LSTM layers, an output layer with cross-entropy over them, filled from a golden case.</summary>
internal sealed unsafe class FloatTokenModel : IDisposable
{
    private readonly TokenEncoderWeights _encoderWeights;
    private readonly LinearWeights _outputWeights;

    /// <summary>Lays out the network whose parameters these are.</summary>
    /// <param name="values">Values by PyTorch's names: embedding, rnn and fc.</param>
    /// <param name="useTable">Whether the first layer's input product is a table over the vocabulary.</param>
    public FloatTokenModel(IReadOnlyList<KeyValuePair<string, GoldenTensor>> values, bool useTable)
    {
        int[] Shape(string name) => values.Single(v => v.Key == name).Value.Shape;
        int[] embedding = Shape("embedding.weight"), output = Shape("fc.weight");
        Architecture = new ArchitectureSettings
        {
            Layers = LanguageModelCase.Layers(values.Select(v => v.Key).Where(name => !name.EndsWith("_reverse", StringComparison.Ordinal))),
            HiddenSize = Shape("rnn.weight_hh_l0")[1],
            EmbeddingSize = embedding[1],
            Bidirectional = values.Any(v => v.Key.EndsWith("_reverse", StringComparison.Ordinal)),
        };
        Context = ComputeContext.Create(threads: 2);
        Parameters = new ParameterSet([.. TokenEncoderWeights.Shapes(Architecture, embedding[0]), .. LinearWeights.Shapes("fc", output[1], output[0])]);
        foreach (var (name, value) in values)
            value.Floats.CopyTo(Parameters[name].Values);
        _encoderWeights = new TokenEncoderWeights(Parameters, Architecture, useTable);
        _outputWeights = new LinearWeights(Parameters, "fc");
        Encoder = new TokenEncoder(_encoderWeights, Context);
        Loss = new SoftmaxCrossEntropy(_outputWeights, Context);
    }

    public ArchitectureSettings Architecture { get; }

    public ComputeContext Context { get; }

    public ParameterSet Parameters { get; }

    public TokenEncoder Encoder { get; }

    public SoftmaxCrossEntropy Loss { get; }

    /// <summary>Makes ready for another step with the parameters as they are.</summary>
    public void Begin()
    {
        Context.Workspace.Reset();
        Memory.Clear(Parameters.Gradients.Pointer, Parameters.Gradients.Length);
        _encoderWeights.Pack(Context, backward: true);
        _outputWeights.Pack(backward: true);
    }

    /// <summary>Loss and gradients of a chunk of a language model, the mean over the targets that count.</summary>
    /// <param name="tokens">[T][B].</param>
    /// <param name="targets">[T][B].</param>
    /// <param name="ignored">The target that does not count.</param>
    /// <param name="state">h and c, [L,B,H] each, before the chunk; overwritten with those after it.</param>
    /// <returns>The loss; gradients are in <see cref="Parameters"/>.</returns>
    public double Step(int[][] tokens, int[][] targets, int? ignored, (NativeBuffer H, NativeBuffer C) state)
    {
        Begin();
        int[] read = [.. tokens.SelectMany(row => row)];
        int[] wanted = [.. targets.SelectMany(row => row).Select(target => target == ignored ? -1 : target)];
        var shape = new SequenceShape(tokens.Length, tokens[0].Length);
        var losses = new float[shape.Rows];
        int counted = wanted.Count(target => target >= 0);
        fixed (int* tokensAt = read, targetsAt = wanted)
        fixed (float* lossesAt = losses)
        {
            float* output = Encoder.Forward(shape, tokensAt, state.H.Pointer, state.C.Pointer, default, training: true);
            float* gradient = Context.Workspace.Allocate((long)shape.Rows * Encoder.OutputSize);
            Loss.Run(output, shape.Rows, targetsAt, lossesAt, gradient, 1f / counted);
            Encoder.Backward(gradient);
        }

        return losses.Sum(loss => (double)loss) / counted;
    }

    /// <summary>States of zeros for a batch.</summary>
    public (NativeBuffer H, NativeBuffer C) ZeroState(int batch)
    {
        int length = Architecture.Layers * (Architecture.Bidirectional ? 2 : 1) * batch * Architecture.HiddenSize;
        return (new NativeBuffer(length), new NativeBuffer(length));
    }

    /// <summary>Fails if a parameter's gradient is not the golden one.</summary>
    public void AssertGradients(GoldenCase golden)
    {
        foreach (var (name, want) in golden.Tensors("grads"))
            golden.Float32.AssertClose(want, Parameters[name].Gradients, $"{golden}: d {name}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoderWeights.Dispose();
        _outputWeights.Dispose();
        Parameters.Dispose();
        Context.Dispose();
    }
}
