using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Serialization.Onnx;

/// <summary>A step of the LSTM with layer normalisation, for which ONNX has no operator (docs/equations.md, section 15).</summary>
/// <param name="graph">Receives what is the same in all steps.</param>
/// <param name="normalization">The definition.</param>
/// <param name="parameters">Gives a parameter of the direction by its name without layer and direction.</param>
/// <param name="at">Makes a name that no other direction has.</param>
internal sealed class OnnxLayerNormLstm(OnnxGraph graph, OnnxNormalization normalization, Func<string, Parameter> parameters, Func<string, string> at) : IOnnxCellStep
{
    private const int Gates = 4;
    private readonly int _hiddenSize = parameters("weight_hh").Shape[1];

    private bool GateByGate => normalization == OnnxNormalization.GatesAndOutput;

    /// <inheritdoc/>
    public string Products(string input)
    {
        string products = graph.Node("MatMul", at("products"), [input, graph.Transposed(parameters("weight_ih"))]);
        return GateByGate ? products : Normalize(graph, "ln_ih", products, Vector("ln_ih_gamma"), Shift());
    }

    /// <inheritdoc/>
    public (string Hidden, string State) Add(OnnxGraph body, string x, string hidden, string state)
    {
        string recurrent = body.Node("MatMul", at("recurrent"), [hidden, graph.Transposed(parameters("weight_hh"))]);
        string[] gates = GateValues(body, x, recurrent);
        string i = body.Node("Sigmoid", at("i"), [gates[0]]), f = body.Node("Sigmoid", at("f"), [gates[1]]), o = body.Node("Sigmoid", at("o"), [gates[3]]);
        string g = body.Node("Tanh", at("g"), [gates[2]]);
        string sum = body.Node("Add", at("s"), [body.Node("Mul", at("remembered"), [f, state]), body.Node("Mul", at("added"), [i, g])]);
        string normal = Normalize(body, "ln_c", sum, Vector("ln_c_gamma"), Vector("ln_c_beta"));
        string newHidden = body.Node("Mul", at("new_hidden"), [o, body.Node("Tanh", at("tanh"), [normal])]);
        return (newHidden, normalization == OnnxNormalization.ProductsAndCell ? normal : sum);
    }

    /// <summary>Pre-activations (15.8) or (15.9), gate by gate.</summary>
    private string[] GateValues(OnnxGraph body, string x, string recurrent)
    {
        string values;
        if (GateByGate)
        {
            string sum = body.Node("Reshape", at("by_gate"), [body.Node("Add", at("u"), [x, recurrent]), graph.Integers(at("gates_shape"), 0, Gates, _hiddenSize)]);
            string normal = Normalize(body, "ln_gates", sum, Vector("ln_gates_gamma", Gates, _hiddenSize), Vector("ln_gates_beta", Gates, _hiddenSize));
            values = body.Node("Reshape", at("gamma"), [normal, graph.Integers(at("row_shape"), 0, Gates * _hiddenSize)]);
        }
        else
        {
            values = body.Node("Add", at("gamma"), [x, Normalize(body, "ln_hh", recurrent, Vector("ln_hh_gamma"), "")]);
        }

        string[] gates = [at("gamma_i"), at("gamma_f"), at("gamma_g"), at("gamma_o")];
        body.Node("Split", gates, [values, graph.Integers(at("parts"), [.. Enumerable.Repeat((long)_hiddenSize, Gates)])], OnnxGraph.Attribute("axis", -1));
        return gates;
    }

    /// <summary>(15.1) to (15.4) over the last dimension; without a shift if its name is empty.</summary>
    private string Normalize(OnnxGraph into, string name, string values, string gain, string shift)
    {
        string Part(string what) => at($"{name}_{what}");
        OnnxMessage[] last = [OnnxGraph.Attribute("axes", [-1]), OnnxGraph.Attribute("keepdims", 1)];
        string centred = into.Node("Sub", Part("centred"), [values, into.Node("ReduceMean", Part("mean"), [values], last)]);
        string variance = into.Node("ReduceMean", Part("variance"), [into.Node("Mul", Part("squares"), [centred, centred])], last);
        string deviation = into.Node("Sqrt", Part("deviation"), [into.Node("Add", Part("variance_epsilon"), [variance, graph.Number(Part("epsilon"), RowNormalization.Epsilon)])]);
        string scaled = into.Node("Mul", Part("scaled"), [into.Node("Div", Part("normal"), [centred, deviation]), gain]);
        return shift.Length == 0 ? scaled : into.Node("Add", Part("shifted"), [scaled, shift]);
    }

    /// <summary>The shifts of both products, and a bias: all are added to the same sum.</summary>
    private string Shift() => graph.Numbers(at("shift"), [Gates * _hiddenSize], values =>
    {
        string[] names = normalization == OnnxNormalization.ProductsAndOutput ? ["bias", "ln_ih_beta", "ln_hh_beta"] : ["ln_ih_beta", "ln_hh_beta"];
        values.Clear();
        foreach (string name in names)
        {
            var part = parameters(name).Values;
            for (int j = 0; j < values.Length; j++)
                values[j] += part[j];
        }
    });

    private string Vector(string name, params int[] shape)
    {
        var parameter = parameters(name);
        return graph.Numbers(at(name), shape.Length == 0 ? [parameter.Length] : shape, values => parameter.Values.CopyTo(values));
    }
}
