using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Layers;

/// <summary>Initial weights. Each tensor has random numbers of its own, keyed by its position in the parameter set.</summary>
internal static class Initialization
{
    // MathNet splits the QR decomposition over threads in a way that changes its last bits from run to run; one thread gives the same bits always.
    static Initialization() => MathNet.Numerics.Control.MaxDegreeOfParallelism = 1;

    /// <summary>Uniform in +-gain sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010).</summary>
    public static void XavierUniform(Span<float> values, int fanIn, int fanOut, CounterRandom random, double gain = 1) =>
        Uniform(values, gain * Math.Sqrt(6.0 / (fanIn + fanOut)), random);

    /// <summary>Normal with standard deviation gain sqrt(2 / (fanIn + fanOut)) (Glorot and Bengio 2010).</summary>
    public static void XavierNormal(Span<float> values, int fanIn, int fanOut, CounterRandom random, double gain = 1) =>
        Normal(values, gain * Math.Sqrt(2.0 / (fanIn + fanOut)), random);

    /// <summary>Uniform in +-gain sqrt(3 / fanIn) (He et al. 2015); the gain is a rectifier's, sqrt(2), unless another is given.</summary>
    public static void HeUniform(Span<float> values, int fanIn, CounterRandom random, double? gain = null) =>
        Uniform(values, (gain ?? Gains.Relu) * Math.Sqrt(3.0 / fanIn), random);

    /// <summary>Normal with standard deviation gain / sqrt(fanIn) (He et al. 2015); the gain is a rectifier's, sqrt(2), unless another is given.</summary>
    public static void HeNormal(Span<float> values, int fanIn, CounterRandom random, double? gain = null) =>
        Normal(values, (gain ?? Gains.Relu) / Math.Sqrt(fanIn), random);

    /// <summary>Uniform in +-1 / sqrt(fanIn): PyTorch's default of linear layers and, with H for fanIn, of recurrent ones.</summary>
    public static void FanInUniform(Span<float> values, int fanIn, CounterRandom random) => Uniform(values, 1 / Math.Sqrt(fanIn), random);

    /// <summary>Normal with standard deviation sqrt(1 / fanIn) (LeCun et al. 1998).</summary>
    public static void LecunNormal(Span<float> values, int fanIn, CounterRandom random) => Normal(values, Math.Sqrt(1.0 / fanIn), random);

    /// <summary>Uniform in +-<paramref name="bound"/>.</summary>
    public static void Uniform(Span<float> values, double bound, CounterRandom random)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)((2.0 * random.Uniform(i) - 1.0) * bound);
    }

    /// <summary>Normal with mean 0.</summary>
    public static void Normal(Span<float> values, double standardDeviation, CounterRandom random)
    {
        for (int i = 0; i < values.Length; i += 2)
        {
            var (z0, z1) = random.Normal(i / 2);
            values[i] = (float)(z0 * standardDeviation);
            if (i + 1 < values.Length)
                values[i + 1] = (float)(z1 * standardDeviation);
        }
    }

    /// <summary>
    /// A matrix with orthonormal rows or columns, whichever are fewer: Q of the QR decomposition of a normal matrix, columns signed by R's diagonal, so that it is
    /// uniformly distributed (Saxe, McClelland, Ganguli 2014; Mezzadri 2007).
    /// </summary>
    /// <param name="values">[rows, columns], row-major, overwritten.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="random">The key.</param>
    /// <param name="gain">Factor of all values.</param>
    public static void Orthogonal(Span<float> values, int rows, int columns, CounterRandom random, double gain = 1)
    {
        int tall = Math.Max(rows, columns), thin = Math.Min(rows, columns);
        var normal = new double[tall * thin];
        for (int i = 0; i < normal.Length; i += 2)
        {
            var (z0, z1) = random.Normal(i / 2);
            normal[i] = z0;
            if (i + 1 < normal.Length)
                normal[i + 1] = z1;
        }

        Orthogonal(values, rows, columns, Matrix<double>.Build.Dense(tall, thin, normal), gain);
    }

    /// <summary>As the other, from a normal matrix that is given.</summary>
    /// <param name="values">[rows, columns], row-major, overwritten.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="normal">The normal matrix; turned round if there are fewer rows than columns, so that it is never wider than high.</param>
    /// <param name="gain">Factor of all values.</param>
    public static void Orthogonal(Span<float> values, int rows, int columns, Matrix<double> normal, double gain)
    {
        var decomposition = normal.QR(MathNet.Numerics.LinearAlgebra.Factorization.QRMethod.Thin);
        var q = decomposition.Q;
        var r = decomposition.R;
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                var (row, column) = rows >= columns ? (i, j) : (j, i);
                double sign = r[column, column] < 0 ? -1 : 1;
                values[i * columns + j] = (float)(gain * sign * q[row, column]);
            }
        }
    }

    /// <summary>
    /// Initial weights of a whole network by its parameters' names: embeddings normal, input weights Xavier uniform gate by gate, recurrent weights orthogonal gate by
    /// gate, peepholes uniform in +-1 / sqrt(H), gains of normalisations 1, output weights Xavier uniform, biases and shifts 0 but for the LSTM's forget gates: 1 (Jozefowicz, Zaremba, Sutskever 2015);
    /// all else, learned initial states too, 0.
    /// </summary>
    /// <param name="parameters">The network's parameters, overwritten.</param>
    /// <param name="cell">The kind of cell.</param>
    /// <param name="hiddenSize">H, rows of one gate.</param>
    /// <param name="embeddingDeviation">Standard deviation of the embeddings.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="orthogonal">False: recurrent weights are normal with the same standard deviation, in a moment rather than in seconds. For measurements, not for runs.</param>
    public static void Network(ParameterSet parameters, CellKind cell, int hiddenSize, double embeddingDeviation, long seed, bool orthogonal = true)
    {
        string? forgetBias = RecurrentCell.Of(cell).ForgetBias;
        for (int index = 0; index < parameters.Parameters.Count; index++)
        {
            var parameter = parameters.Parameters[index];
            var random = new CounterRandom(seed, RandomPurpose.Initialization, 0, (uint)index);
            if (parameter.Name.EndsWith("embedding.weight", StringComparison.Ordinal))
                Normal(parameter.Values, embeddingDeviation, random);
            else if (parameter.Name.Contains(".weight_ih_", StringComparison.Ordinal))
                XavierUniform(parameter.Values, parameter.Shape[1], hiddenSize, random);
            else if (parameter.Name.Contains(".weight_hh_", StringComparison.Ordinal) && !orthogonal)
                LecunNormal(parameter.Values, hiddenSize, random);
            else if (parameter.Name.Contains(".weight_hh_", StringComparison.Ordinal))
                OrthogonalGates(parameter.Values, hiddenSize, random);
            else if (forgetBias is not null && parameter.Name.Contains($".{forgetBias}_l", StringComparison.Ordinal))
                ForgetBias(parameter.Values, hiddenSize);
            else if (parameter.Name.Contains(".p_", StringComparison.Ordinal))
                FanInUniform(parameter.Values, hiddenSize, random);
            else if (parameter.Name.Contains("_gamma_l", StringComparison.Ordinal)
                || parameter.Name.Contains("norms.", StringComparison.Ordinal) && parameter.Name.EndsWith(".weight", StringComparison.Ordinal))
                parameter.Values.Fill(1);
            else if (parameter.Shape.Count == 2)
                XavierUniform(parameter.Values, parameter.Shape[1], parameter.Shape[0], random);
            else
                parameter.Values.Clear();
        }
    }

    private static void OrthogonalGates(Span<float> values, int hiddenSize, CounterRandom random)
    {
        int square = hiddenSize * hiddenSize;
        for (int gate = 0; gate * square < values.Length; gate++)
            Orthogonal(values.Slice(gate * square, square), hiddenSize, hiddenSize, random with { Step = (uint)gate });
    }

    private static void ForgetBias(Span<float> values, int hiddenSize)
    {
        values.Clear();
        values.Slice(hiddenSize, hiddenSize).Fill(1);
    }
}
