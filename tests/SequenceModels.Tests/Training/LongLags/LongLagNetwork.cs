using SequenceModels.Layers;
using SequenceModels.Losses;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;
using SequenceModels.Tensors;

namespace SequenceModels.Tests.Training.LongLags;

/// <summary>A recurrent layer that reads numbers, and a linear layer that answers at the last steps. Learns by Adam and clipping by norm.</summary>
internal sealed unsafe class LongLagNetwork : IDisposable
{
    private readonly ComputeContext _context;
    private readonly ParameterSet _parameters;
    private readonly RecurrentWeights _weights;
    private readonly LinearWeights _output;
    private readonly RecurrentLayer _layer;
    private readonly SoftmaxCrossEntropy _crossEntropy;
    private readonly Optimizer _optimizer;
    private readonly GradientNorm _norm;

    /// <param name="cell">The cell.</param>
    /// <param name="inputs">I.</param>
    /// <param name="hidden">H.</param>
    /// <param name="outputs">N.</param>
    /// <param name="memoryBias">Initial bias of the gate that keeps the state: the LSTM's forget gate, the GRU's update gate.</param>
    public LongLagNetwork(CellKind cell, int inputs, int hidden, int outputs, float memoryBias)
    {
        const int threads = 2;
        _context = ComputeContext.Create(threads);
        _parameters = new ParameterSet([.. RecurrentWeights.Shapes(cell, "rnn", 0, inputs, hidden, false), .. LinearWeights.Shapes("output", hidden, outputs)]);
        Initialization.Network(_parameters, cell, hidden, 1, seed: 1);
        if (cell is CellKind.Lstm or CellKind.Gru) // the second gate of both
            _parameters["rnn.bias_ih_l0"].Values.Slice(hidden, hidden).Fill(memoryBias);
        _weights = new RecurrentWeights(_parameters, cell, "rnn", 0, inputs, hidden, false);
        _output = new LinearWeights(_parameters, "output");
        _layer = new RecurrentLayer(_weights, _context);
        _crossEntropy = new SoftmaxCrossEntropy(_output, _context);
        _optimizer = Optimizer.Create(_parameters, new OptimizerSettings());
        _norm = new GradientNorm(_parameters, _context);
    }

    /// <summary>One pass for numbers as answers at the last step.</summary>
    /// <param name="inputs">[T,B,I].</param>
    /// <param name="targets">[B,N].</param>
    /// <param name="time">T.</param>
    /// <param name="rate">Step size; 0: nothing is learned.</param>
    /// <returns>The mean squared error.</returns>
    public double Numbers(NativeBuffer inputs, float[] targets, int time, double rate)
    {
        int batch = targets.Length / _output.Outputs, outputs = _output.Outputs, size = _output.Inputs;
        float* hidden = Forward(inputs, time, batch, rate > 0) + (long)(time - 1) * batch * size;
        var weight = _output.Weight.Values;
        var predictions = new float[targets.Length];
        for (int row = 0; row < batch; row++)
        {
            for (int n = 0; n < outputs; n++)
            {
                float sum = _output.Bias!.Values[n];
                for (int j = 0; j < size; j++)
                    sum += weight[n * size + j] * hidden[row * size + j];
                predictions[row * outputs + n] = sum;
            }
        }

        float[] scales = new float[batch], losses = new float[batch], gradient = new float[targets.Length];
        RowScales.Fill(LossReduction.MeanOfElements, new SequenceShape(1, batch), targets, scales);
        ElementLosses.SquaredError(predictions, targets, scales, losses, gradient);
        if (rate > 0)
        {
            float* hiddenGradient = _context.Workspace.AllocateZeroed((long)time * batch * size), last = hiddenGradient + (long)(time - 1) * batch * size;
            for (int row = 0; row < batch; row++)
            {
                for (int n = 0; n < outputs; n++)
                {
                    float slope = gradient[row * outputs + n];
                    _output.Bias!.Gradients[n] += slope;
                    for (int j = 0; j < size; j++)
                    {
                        _output.Weight.Gradients[n * size + j] += slope * hidden[row * size + j];
                        last[row * size + j] += slope * weight[n * size + j];
                    }
                }
            }

            Learn(hiddenGradient, rate);
        }

        return losses.Sum(loss => (double)loss);
    }

    /// <summary>One pass for symbols as answers at the last steps.</summary>
    /// <param name="inputs">[T,B,I].</param>
    /// <param name="targets">[K,B] of the last K steps.</param>
    /// <param name="time">T.</param>
    /// <param name="batch">B.</param>
    /// <param name="rate">Step size; 0: nothing is learned.</param>
    /// <returns>The share of answers that are right.</returns>
    public double Symbols(NativeBuffer inputs, int[] targets, int time, int batch, double rate)
    {
        int rows = targets.Length, size = _output.Inputs;
        long first = (long)time * batch - rows;
        float* hidden = Forward(inputs, time, batch, rate > 0), losses = _context.Workspace.Allocate(rows);
        float* gradient = rate > 0 ? _context.Workspace.AllocateZeroed((long)time * batch * size) : null;
        var best = new int[rows];
        fixed (int* answers = best, wanted = targets)
            _crossEntropy.Run(hidden + first * size, rows, wanted, losses, gradient is null ? null : gradient + first * size, 1f / rows, null, answers);
        if (rate > 0)
            Learn(gradient, rate);
        return (double)best.Zip(targets).Count(pair => pair.First == pair.Second) / rows;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _output.Dispose();
        _weights.Dispose();
        _parameters.Dispose();
        _context.Dispose();
    }

    private float* Forward(NativeBuffer inputs, int time, int batch, bool training)
    {
        _context.Workspace.Reset();
        _weights.Pack(_context.Team, training);
        _output.Pack(training);
        return _layer.Forward(new SequenceShape(time, batch), LayerInput.FromValues(inputs.Pointer), null, null, training);
    }

    private void Learn(float* hiddenGradient, double rate)
    {
        _layer.Backward(hiddenGradient, null, null, null);
        _optimizer.Step(_context, rate, GradientClipping.Factor(_norm.Compute(), 1));
    }
}
