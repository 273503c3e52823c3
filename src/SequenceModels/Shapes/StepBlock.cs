using SequenceModels.Layers;
using SequenceModels.Tensors;

namespace SequenceModels.Shapes;

/// <summary>[T,B] tokens or [T,B,F] frames of a batch. The memory grows to the largest batch seen; after that nothing is allocated.</summary>
internal sealed unsafe class StepBlock(SequenceFormat format) : IDisposable
{
    private NativeBuffer _memory = new(0);

    public int* Tokens => format.Kind == StepKind.Tokens ? (int*)_memory.Pointer : null;

    public float* Frames => format.Kind == StepKind.Frames ? _memory.Pointer : null;

    private int Features => format.Kind == StepKind.Tokens ? 1 : format.Size;

    /// <summary>Makes room for a shape.</summary>
    /// <exception cref="ArgumentException">The shape has more values than are counted with 31 bits.</exception>
    public void Reserve(SequenceShape shape)
    {
        long length = (long)shape.Time * shape.Batch * Features;
        if (length > int.MaxValue)
            throw new ArgumentException($"A batch of {shape.Batch} sequences of {shape.Time} steps with {Features} values each has {length} values; at most {int.MaxValue} are computed with at once. A smaller batchSize, or shorter sequences, are needed.", nameof(shape));
        if (_memory.Length >= length)
            return;
        _memory.Dispose();
        _memory = new NativeBuffer(length);
    }

    /// <summary>Fills in a row of the batch from <paramref name="offset"/> on; steps before it hold <paramref name="first"/>, those behind its end <paramref name="padding"/> (frames: 0 and NaN for below 0).</summary>
    public void Fill(SequenceShape shape, int row, SequenceData data, Standardization? scaling, int offset, int first, int padding)
    {
        int features = Features;
        for (int step = 0; step < shape.Time; step++)
        {
            long at = (long)step * shape.Batch + row;
            int source = step - offset;
            bool has = source >= 0 && source < data.Length;
            if (data is TokenSequence tokens)
            {
                Tokens[at] = has ? tokens[source] : source < 0 ? first : padding;
                continue;
            }

            var frame = new Span<float>(Frames + at * features, features);
            if (!has)
                frame.Fill(source >= 0 && padding < 0 ? float.NaN : 0);
            else if (scaling is null)
                ((FrameSequence)data)[source].CopyTo(frame);
            else
                scaling.Apply(((FrameSequence)data)[source], frame);
        }
    }

    public void Dispose() => _memory.Dispose();
}
