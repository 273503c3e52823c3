using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>Embedding, LSTM, output layer and cross-entropy over a chunk of text: section 8 of docs/equations.md.</summary>
/// <param name="parameters">
/// By PyTorch's names: <c>embedding.weight</c> [V,E], <c>rnn.*</c>, <c>fc.weight</c> [V,H], <c>fc.bias</c> [V,1]. Without an <c>fc.weight</c> the
/// output matrix is the embedding (Press and Wolf 2017), before which a <c>proj.weight</c> [E,H], if there is one, brings H down to E.
/// </param>
/// <param name="layers">L, stacked LSTM layers.</param>
internal sealed class TextbookLanguageModel(IReadOnlyDictionary<string, Matrix<double>> parameters, int layers = 1)
{
    /// <summary>States of zeros, one a layer.</summary>
    /// <param name="batch">B.</param>
    /// <returns>The states.</returns>
    public IReadOnlyList<CellState> ZeroStates(int batch) => [.. Cells().Select(cell => cell.ZeroState(batch))];

    /// <summary>Computes loss and gradients of one chunk. The gradient stops at the chunk's start: truncated backpropagation through time.</summary>
    /// <param name="tokens">Token read, [T][B].</param>
    /// <param name="targets">Token to be foretold, [T][B].</param>
    /// <param name="initial">States before the chunk, one a layer.</param>
    /// <param name="loss">The cross-entropy, over all T*B tokens at once.</param>
    /// <returns>Loss, logits [V,B] a time step, states after the chunk, and gradients by the parameters' names.</returns>
    public Result LossAndGradients(IReadOnlyList<int[]> tokens, IReadOnlyList<int[]> targets, IReadOnlyList<CellState> initial, TextbookSoftmaxCrossEntropy loss)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentNullException.ThrowIfNull(loss);
        var embedding = parameters["embedding.weight"];
        string output = parameters.ContainsKey("fc.weight") ? "fc.weight" : "embedding.weight"; // (8.10)
        var weight = parameters[output];
        var projection = parameters.GetValueOrDefault("proj.weight");
        int batch = tokens[0].Length;

        Matrix<double>[] x = [.. tokens.Select(row => Matrix<double>.Build.DenseOfColumnVectors(row.Select(token => embedding.Row(token))))]; // (8.1)
        var stack = new TextbookLayers(Cells(), directions: 1, x, initial);
        Matrix<double>[] read = [.. stack.Outputs.Select(h => projection is null ? h : projection * h)];                                      // (8.11)
        Matrix<double>[] logits = [.. read.Select(h => (weight * h).PlusColumn(parameters["fc.bias"]))];                                      // (8.2)
        var (value, dLogits) = loss.LossAndGradient(logits.Aggregate((left, right) => left.Append(right)), [.. targets.SelectMany(row => row)]);

        var gradients = parameters.ToDictionary(p => p.Key, p => p.Value.ZerosLike());
        var dOutputs = new Matrix<double>[x.Length];
        for (int t = 0; t < x.Length; t++)
        {
            var du = dLogits.SubMatrix(0, dLogits.RowCount, t * batch, batch);
            gradients[output] += du * read[t].Transpose();               // (8.3) of W_fc h in (8.2)
            gradients["fc.bias"] += du.SumOfColumns();                   // (8.3) of b_fc in (8.2)
            dOutputs[t] = weight.Transpose() * du;                       // (8.4) of W_fc h in (8.2)
            if (projection is null)
                continue;
            gradients["proj.weight"] += dOutputs[t] * stack.Outputs[t].Transpose(); // (8.12) of (8.11)
            dOutputs[t] = projection.Transpose() * dOutputs[t];                     // (8.12) of (8.11)
        }

        var (cells, dx) = stack.Backward(dOutputs, [.. initial.Select(state => state.ZerosLike())]); // (7.9) nothing comes from beyond the chunk
        for (int layer = 0; layer < layers; layer++)
            cells[layer].Parameters.PutInto(gradients, "rnn.", layer, reverse: false);
        for (int t = 0; t < x.Length; t++)
        {
            for (int b = 0; b < batch; b++)
            {
                int token = tokens[t][b];
                gradients["embedding.weight"].SetRow(token, gradients["embedding.weight"].Row(token) + dx[t].Column(b)); // (8.5) of (8.1), added to (8.3) if E is both
            }
        }

        return new Result(value, logits, stack.Final, gradients);
    }

    private TextbookCell[] Cells() =>
        [.. Enumerable.Range(0, layers).Select(layer => new TextbookLstm(CellParameters.From(parameters, "rnn.", layer, reverse: false)))];

    /// <summary>What a chunk gives.</summary>
    /// <param name="Loss">The cross-entropy.</param>
    /// <param name="Logits">[V,B], one a time step.</param>
    /// <param name="Final">States after the chunk, one a layer.</param>
    /// <param name="Gradients">By the parameters' names.</param>
    public sealed record Result(double Loss, IReadOnlyList<Matrix<double>> Logits, IReadOnlyList<CellState> Final, IReadOnlyDictionary<string, Matrix<double>> Gradients);
}
