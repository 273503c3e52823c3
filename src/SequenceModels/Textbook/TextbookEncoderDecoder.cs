using MathNet.Numerics.LinearAlgebra;

namespace SequenceModels.Textbook;

/// <summary>An encoder of LSTMs whose last states are the first ones of a decoder, without attention: section 18 of docs/equations.md.</summary>
/// <param name="parameters">
/// By PyTorch's names: <c>encoder.embedding.weight</c> [V,E], <c>encoder.rnn.*</c>, <c>decoder.embedding.weight</c> [V'+1,E], <c>decoder.rnn.*</c>, <c>fc.weight</c> [V'+1,H], <c>fc.bias</c> [V'+1,1].
/// </param>
/// <param name="layers">L, stacked LSTM layers of each.</param>
internal sealed class TextbookEncoderDecoder(IReadOnlyDictionary<string, Matrix<double>> parameters, int layers)
{
    private const int Padding = -1;

    /// <summary>Computes loss and gradients of a batch, the decoder reading the targets (teacher forcing).</summary>
    /// <param name="sources">The tokens that the encoder reads, one sequence an example.</param>
    /// <param name="targets">The tokens that the decoder is to write, one sequence an example, without the end.</param>
    /// <returns>The mean loss of all tokens and ends, and gradients by the parameters' names.</returns>
    public (double Loss, IReadOnlyDictionary<string, Matrix<double>> Gradients) LossAndGradients(IReadOnlyList<int[]> sources, IReadOnlyList<int[]> targets)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(targets);
        var weight = parameters["fc.weight"];
        int batch = sources.Count, end = weight.RowCount - 1;
        int[][] written = [.. targets.Select(target => (int[])[.. target, end])], read = [.. targets.Select(target => (int[])[end, .. target])]; // (18.7)
        int[] sourceLengths = [.. sources.Select(source => source.Length)], writtenLengths = [.. written.Select(target => target.Length)];

        var encoderCells = Cells("encoder.");
        var encoder = new TextbookLayers(encoderCells, directions: 1, Embed("encoder.", sources), [.. encoderCells.Select(cell => cell.ZeroState(batch))], sourceLengths);
        var decoder = new TextbookLayers(Cells("decoder."), directions: 1, Embed("decoder.", read), encoder.Final, writtenLengths);              // (18.6), (18.7)
        Matrix<double>[] logits = [.. decoder.Outputs.Select(h => (weight * h).PlusColumn(parameters["fc.bias"]))];                                 // (18.8)
        int[] labels = [.. Enumerable.Range(0, logits.Length).SelectMany(t => written.Select(target => At(target, t, Padding)))];
        var (loss, dLogits) = new TextbookSoftmaxCrossEntropy { IgnoredLabel = Padding }.LossAndGradient(logits.Aggregate((left, right) => left.Append(right)), labels); // (18.9)

        var gradients = parameters.ToDictionary(p => p.Key, p => p.Value.ZerosLike());
        var dOutputs = new Matrix<double>[logits.Length];
        for (int t = 0; t < logits.Length; t++)
        {
            var du = dLogits.SubMatrix(0, dLogits.RowCount, t * batch, batch);
            gradients["fc.weight"] += du * decoder.Outputs[t].Transpose();
            gradients["fc.bias"] += du.SumOfColumns();
            dOutputs[t] = weight.Transpose() * du;
        }

        var (decoderGradients, dRead) = decoder.Backward(dOutputs, [.. encoder.Final.Select(state => state.ZerosLike())]);
        var (encoderGradients, dSources) = encoder.Backward([.. encoder.Outputs.Select(h => h.ZerosLike())], [.. decoderGradients.Select(cell => cell.Initial)]); // (18.10)
        for (int layer = 0; layer < layers; layer++)
        {
            encoderGradients[layer].Parameters.PutInto(gradients, "encoder.rnn.", layer, reverse: false);
            decoderGradients[layer].Parameters.PutInto(gradients, "decoder.rnn.", layer, reverse: false);
        }

        AddEmbedded(gradients["encoder.embedding.weight"], sources, dSources);
        AddEmbedded(gradients["decoder.embedding.weight"], read, dRead);
        return (loss, gradients);
    }

    private static int At(int[] sequence, int step, int behind) => step < sequence.Length ? sequence[step] : behind;

    /// <summary>The vectors of all steps, [E,B] each; behind a sequence's end those of token 0, which nothing reads.</summary>
    private Matrix<double>[] Embed(string prefix, IReadOnlyList<int[]> sequences) =>
    [
        .. Enumerable.Range(0, sequences.Max(sequence => sequence.Length))
            .Select(t => Matrix<double>.Build.DenseOfColumnVectors(sequences.Select(sequence => parameters[$"{prefix}embedding.weight"].Row(At(sequence, t, 0))))),
    ];

    private static void AddEmbedded(Matrix<double> gradient, IReadOnlyList<int[]> sequences, IReadOnlyList<Matrix<double>> dx)
    {
        for (int b = 0; b < sequences.Count; b++)
        {
            for (int t = 0; t < sequences[b].Length; t++)
                gradient.SetRow(sequences[b][t], gradient.Row(sequences[b][t]) + dx[t].Column(b)); // (8.5)
        }
    }

    private TextbookCell[] Cells(string prefix) =>
        [.. Enumerable.Range(0, layers).Select(layer => new TextbookLstm(CellParameters.From(parameters, $"{prefix}rnn.", layer, reverse: false)))];
}
