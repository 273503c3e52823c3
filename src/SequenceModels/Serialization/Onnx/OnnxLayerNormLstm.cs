using SequenceModels.Kernels;
using SequenceModels.Tensors;

namespace SequenceModels.Serialization.Onnx;

/// <summary>
/// One direction of an LSTM layer with layer normalisation, for which ONNX has no operator: the input's products of all steps, then a scan over the steps whose body is the cell in simple operators
/// (docs/equations.md, section 15).
/// </summary>
/// <param name="graph">Receives the nodes.</param>
/// <param name="normalization">The definition.</param>
/// <param name="parameters">Gives a parameter of the direction by its name without layer and direction.</param>
/// <param name="suffix">What tells the direction's names from others.</param>
internal sealed class OnnxLayerNormLstm(OnnxGraph graph, OnnxNormalization normalization, Func<string, Parameter> parameters, string suffix)
{
    /// <summary>The operator that runs the cell.</summary>
    public const string Operator = "Scan";
    private const int Gates = 4;
    private const int Float = OnnxFields.DataType.Float;
    private readonly int _hiddenSize = parameters("weight_hh").Shape[1];

    private bool GateByGate => normalization == OnnxNormalization.GatesAndOutput;

    /// <summary>Runs the direction.</summary>
    /// <param name="input">[T,B,I].</param>
    /// <param name="own">[T,B,1] whether a row has a step, or empty: all have.</param>
    /// <param name="hidden">[B,H].</param>
    /// <param name="cell">[B,H].</param>
    /// <param name="reverse">Whether it reads from the last step on.</param>
    /// <returns>Names of [T,B,H] the outputs, and of the final h and c [B,H].</returns>
    public (string Output, string Hidden, string Cell) Add(string input, string own, string hidden, string cell, bool reverse)
    {
        string products = graph.Node("MatMul", Name("products"), [input, graph.Transposed(parameters("weight_ih"))]);
        if (!GateByGate)
            products = Normalize(graph, "ln_ih", products, Vector("ln_ih_gamma"), Shift());
        graph.Transposed(parameters("weight_hh")); // read by the body
        long direction = reverse ? 1 : 0;
        string[] scanned = own.Length > 0 ? [products, own] : [products];
        string[] outputs = [Name("h_last"), Name("c_last"), Name("output")];
        graph.Node(
            Operator, outputs, [hidden, cell, .. scanned], OnnxGraph.Attribute("body", Step(own.Length > 0)), OnnxGraph.Attribute("num_scan_inputs", scanned.Length),
            OnnxGraph.Attribute("scan_input_directions", [.. scanned.Select(_ => direction)]), OnnxGraph.Attribute("scan_output_directions", [direction]));
        return (outputs[2], outputs[0], outputs[1]);
    }

    /// <summary>The body: h, c, a step's products and, where rows end early, whether they have the step, to h', c' and the output. Constants stand in the graph around it.</summary>
    private OnnxMessage Step(bool endsEarly)
    {
        var body = new OnnxGraph();
        string h = body.Input(Name("h"), Float, "B", _hiddenSize), c = body.Input(Name("c"), Float, "B", _hiddenSize), x = body.Input(Name("x"), Float, "B", Gates * _hiddenSize);
        string recurrent = body.Node("MatMul", Name("recurrent"), [h, $"{parameters("weight_hh").Name}_transposed"]);
        string[] gates = GateValues(body, x, recurrent);
        string i = body.Node("Sigmoid", Name("i"), [gates[0]]), f = body.Node("Sigmoid", Name("f"), [gates[1]]), o = body.Node("Sigmoid", Name("o"), [gates[3]]);
        string g = body.Node("Tanh", Name("g"), [gates[2]]);
        string sum = body.Node("Add", Name("s"), [body.Node("Mul", Name("kept"), [f, c]), body.Node("Mul", Name("new"), [i, g])]);
        string normal = Normalize(body, "ln_c", sum, Vector("ln_c_gamma"), Vector("ln_c_beta"));
        string hNext = body.Node("Mul", Name("h_next"), [o, body.Node("Tanh", Name("tanh"), [normal])]);
        string cNext = normalization == OnnxNormalization.ProductsAndCell ? normal : sum, output = hNext;
        if (endsEarly)
        {
            string has = body.Input(Name("has"), OnnxFields.DataType.Bool, "B", 1);
            output = body.Node("Where", Name("own_output"), [has, hNext, graph.Number(Name("none"), 0)]);
            (hNext, cNext) = (body.Node("Where", Name("h_kept"), [has, hNext, h]), body.Node("Where", Name("c_kept"), [has, cNext, c]));
        }

        body.Output(body.Node("Identity", Name("h_out"), [hNext]), Float, "B", _hiddenSize);
        body.Output(body.Node("Identity", Name("c_out"), [cNext]), Float, "B", _hiddenSize);
        body.Output(body.Node("Identity", Name("step"), [output]), Float, "B", _hiddenSize);
        return body.ToMessage("step");
    }

    /// <summary>Pre-activations (15.8) or (15.9), gate by gate.</summary>
    private string[] GateValues(OnnxGraph body, string x, string recurrent)
    {
        string values;
        if (GateByGate)
        {
            string sum = body.Node("Reshape", Name("by_gate"), [body.Node("Add", Name("u"), [x, recurrent]), graph.Integers(Name("gates_shape"), 0, Gates, _hiddenSize)]);
            string normal = Normalize(body, "ln_gates", sum, Vector("ln_gates_gamma", Gates, _hiddenSize), Vector("ln_gates_beta", Gates, _hiddenSize));
            values = body.Node("Reshape", Name("gamma"), [normal, graph.Integers(Name("row_shape"), 0, Gates * _hiddenSize)]);
        }
        else
        {
            values = body.Node("Add", Name("gamma"), [x, Normalize(body, "ln_hh", recurrent, Vector("ln_hh_gamma"), "")]);
        }

        string[] gates = [Name("gamma_i"), Name("gamma_f"), Name("gamma_g"), Name("gamma_o")];
        body.Node("Split", gates, [values, graph.Integers(Name("parts"), [.. Enumerable.Repeat((long)_hiddenSize, Gates)])], OnnxGraph.Attribute("axis", -1));
        return gates;
    }

    /// <summary>(15.1) to (15.4) over the last dimension; without a shift if its name is empty.</summary>
    private string Normalize(OnnxGraph into, string name, string values, string gain, string shift)
    {
        string Part(string what) => Name($"{name}_{what}");
        OnnxMessage[] last = [OnnxGraph.Attribute("axes", [-1]), OnnxGraph.Attribute("keepdims", 1)];
        string centred = into.Node("Sub", Part("centred"), [values, into.Node("ReduceMean", Part("mean"), [values], last)]);
        string variance = into.Node("ReduceMean", Part("variance"), [into.Node("Mul", Part("squares"), [centred, centred])], last);
        string deviation = into.Node("Sqrt", Part("deviation"), [into.Node("Add", Part("variance_epsilon"), [variance, graph.Number(Part("epsilon"), RowNormalization.Epsilon)])]);
        string scaled = into.Node("Mul", Part("scaled"), [into.Node("Div", Part("normal"), [centred, deviation]), gain]);
        return shift.Length == 0 ? scaled : into.Node("Add", Part("shifted"), [scaled, shift]);
    }

    /// <summary>The shifts of both products, and a bias: all are added to the same sum.</summary>
    private string Shift() => graph.Numbers(Name("shift"), [Gates * _hiddenSize], values =>
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
        return graph.Numbers(Name(name), shape.Length == 0 ? [parameter.Length] : shape, values => parameter.Values.CopyTo(values));
    }

    private string Name(string what) => $"{what}{suffix}";
}
