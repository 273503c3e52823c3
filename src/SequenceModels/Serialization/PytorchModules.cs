using System.Globalization;

namespace SequenceModels.Serialization;

/// <summary>
/// Names and shapes of the tensors in the state dictionaries of PyTorch's modules, in PyTorch's order: joined, they are the skeleton (<see cref="Tensors.ParameterSet"/>) that a file is read into or
/// written from. Source: the documentation of <c>torch.nn.RNN</c>, <c>GRU</c>, <c>LSTM</c>, <c>Embedding</c> and <c>Linear</c> ("Variables").
/// </summary>
public static class PytorchModules
{
    /// <summary><c>torch.nn.RNN</c>: one block of H rows.</summary>
    /// <param name="module">The module's name, for example <c>rnn</c>; empty for a module that is the whole model.</param>
    /// <param name="inputSize">I, components of an input step.</param>
    /// <param name="hiddenSize">H.</param>
    /// <param name="layers">Stacked layers.</param>
    /// <param name="bidirectional">Whether each layer also reads backwards.</param>
    /// <returns>Names and shapes.</returns>
    public static IReadOnlyList<(string Name, int[] Shape)> Rnn(string module, int inputSize, int hiddenSize, int layers = 1, bool bidirectional = false) =>
        Recurrent(module, 1, inputSize, hiddenSize, layers, bidirectional);

    /// <summary><c>torch.nn.GRU</c>: rows r, z, n.</summary>
    /// <inheritdoc cref="Rnn"/>
    public static IReadOnlyList<(string Name, int[] Shape)> Gru(string module, int inputSize, int hiddenSize, int layers = 1, bool bidirectional = false) =>
        Recurrent(module, 3, inputSize, hiddenSize, layers, bidirectional);

    /// <summary><c>torch.nn.LSTM</c>: rows i, f, g, o.</summary>
    /// <inheritdoc cref="Rnn"/>
    public static IReadOnlyList<(string Name, int[] Shape)> Lstm(string module, int inputSize, int hiddenSize, int layers = 1, bool bidirectional = false) =>
        Recurrent(module, 4, inputSize, hiddenSize, layers, bidirectional);

    /// <summary><c>torch.nn.Embedding</c>: [V,E].</summary>
    /// <param name="module">The module's name.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="size">E.</param>
    /// <returns>Name and shape.</returns>
    public static IReadOnlyList<(string Name, int[] Shape)> Embedding(string module, int vocabulary, int size) => [(Join(module, "weight"), [vocabulary, size])];

    /// <summary><c>torch.nn.Linear</c>: [N,K] and [N].</summary>
    /// <param name="module">The module's name.</param>
    /// <param name="inputs">K.</param>
    /// <param name="outputs">N.</param>
    /// <returns>Names and shapes.</returns>
    public static IReadOnlyList<(string Name, int[] Shape)> Linear(string module, int inputs, int outputs) =>
        [(Join(module, "weight"), [outputs, inputs]), (Join(module, "bias"), [outputs])];

    private static List<(string Name, int[] Shape)> Recurrent(string module, int gates, int inputSize, int hiddenSize, int layers, bool bidirectional)
    {
        var shapes = new List<(string, int[])>();
        int directions = bidirectional ? 2 : 1, rows = gates * hiddenSize;
        for (int layer = 0; layer < layers; layer++)
        {
            for (int direction = 0; direction < directions; direction++)
            {
                string suffix = string.Create(CultureInfo.InvariantCulture, $"_l{layer}{(direction == 1 ? "_reverse" : "")}");
                shapes.Add((Join(module, "weight_ih" + suffix), [rows, layer == 0 ? inputSize : directions * hiddenSize]));
                shapes.Add((Join(module, "weight_hh" + suffix), [rows, hiddenSize]));
                shapes.Add((Join(module, "bias_ih" + suffix), [rows]));
                shapes.Add((Join(module, "bias_hh" + suffix), [rows]));
            }
        }

        return shapes;
    }

    private static string Join(string module, string name) => module.Length == 0 ? name : $"{module}.{name}";
}
