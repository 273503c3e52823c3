using SequenceModels.Randomness;
using SequenceModels.Tensors;

namespace SequenceModels.Tests.Training.LongLags;

/// <summary>
/// Copying from memory (Hochreiter and Schmidhuber 1997, as in Arjovsky, Shah and Bengio 2016): ten symbols of eight, blanks, a sign, and ten steps in which the symbols are to be told in order.
/// Guessing is right in one of eight cases.
/// </summary>
/// <param name="blanks">Blanks between.</param>
/// <param name="batch">B.</param>
internal sealed class CopyMemory(int blanks, int batch) : IDisposable
{
    public const int Symbols = 8;
    public const int Inputs = Symbols + 2;
    private const int Length = 10;

    /// <summary>T: symbols, blanks of which the last is the sign, and answers.</summary>
    public int Time => blanks + 2 * Length;

    /// <summary>[T,B,10] one of ten.</summary>
    public NativeBuffer Values { get; } = new((long)(blanks + 2 * Length) * batch * Inputs);

    /// <summary>[10,B].</summary>
    public int[] Targets { get; } = new int[Length * batch];

    /// <summary>Draws a batch.</summary>
    /// <param name="step">Its number.</param>
    public void Draw(uint step)
    {
        var random = new CounterRandom(7, RandomPurpose.Sampling, step);
        var values = Values.Slice(0, (int)Values.Length);
        values.Clear();
        for (int t = 0; t < Time; t++)
        {
            for (int b = 0; b < batch; b++)
            {
                int at = t * batch + b, symbol = t < Length ? (int)(random.Uniform(at) * Symbols) : t == Length + blanks - 1 ? Symbols + 1 : Symbols;
                values[at * Inputs + symbol] = 1;
                if (t < Length)
                    Targets[at] = symbol;
            }
        }
    }

    public void Dispose() => Values.Dispose();
}
