using SequenceModels.Randomness;
using SequenceModels.Tensors;

namespace SequenceModels.Tests.Training.LongLags;

/// <summary>
/// The adding problem (Hochreiter and Schmidhuber 1997, as in Le, Jaitly and Hinton 2015): of T pairs of a number in 0..1 and a mark, one in each half is marked; the answer is the sum of the two
/// marked numbers. Answering 1 always has a mean squared error of 1/6.
/// </summary>
/// <param name="time">T.</param>
/// <param name="batch">B.</param>
internal sealed class AddingProblem(int time, int batch) : IDisposable
{
    /// <summary>[T,B,2].</summary>
    public NativeBuffer Inputs { get; } = new((long)time * batch * 2);

    /// <summary>[B].</summary>
    public float[] Targets { get; } = new float[batch];

    /// <summary>Draws a batch.</summary>
    /// <param name="step">Its number.</param>
    public void Draw(uint step)
    {
        var values = new CounterRandom(7, RandomPurpose.Sampling, step);
        var marks = values with { Tensor = 1 };
        var inputs = Inputs.Slice(0, (int)Inputs.Length);
        for (int i = 0; i < time * batch; i++)
            (inputs[2 * i], inputs[2 * i + 1]) = (values.Uniform(i), 0);
        for (int b = 0; b < batch; b++)
        {
            int half = time / 2, first = (int)(marks.Uniform(2 * b) * half), second = half + (int)(marks.Uniform(2 * b + 1) * half);
            inputs[2 * (first * batch + b) + 1] = inputs[2 * (second * batch + b) + 1] = 1;
            Targets[b] = inputs[2 * (first * batch + b)] + inputs[2 * (second * batch + b)];
        }
    }

    public void Dispose() => Inputs.Dispose();
}
