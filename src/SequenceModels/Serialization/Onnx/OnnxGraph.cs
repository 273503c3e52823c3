using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SequenceModels.Tensors;

namespace SequenceModels.Serialization.Onnx;

/// <summary>A graph that is put together node by node. Each value is named after what it is; the caller keeps the names apart.</summary>
internal sealed class OnnxGraph
{
    private readonly List<OnnxMessage> _nodes = [];
    private readonly List<OnnxMessage> _initializers = [];
    private readonly List<OnnxMessage> _inputs = [];
    private readonly List<OnnxMessage> _outputs = [];

    /// <summary>Declares an input.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="elementType">One of <see cref="OnnxFields.DataType"/>.</param>
    /// <param name="dimensions">Numbers, or names of dimensions that are free.</param>
    /// <returns>The name.</returns>
    public string Input(string name, int elementType, params ReadOnlySpan<object> dimensions)
    {
        _inputs.Add(ValueInfo(name, elementType, dimensions));
        return name;
    }

    /// <summary>Declares a value as an output.</summary>
    public void Output(string name, int elementType, params ReadOnlySpan<object> dimensions) => _outputs.Add(ValueInfo(name, elementType, dimensions));

    /// <summary>A constant of whole numbers, one dimension.</summary>
    /// <returns>The name.</returns>
    public string Integers(string name, params long[] values) => Integers(name, [values.Length], values);

    /// <summary>A constant whole number without dimensions.</summary>
    /// <returns>The name.</returns>
    public string Integer(string name, long value) => Integers(name, [], [value]);

    /// <summary>A constant number without dimensions.</summary>
    /// <returns>The name.</returns>
    public string Number(string name, float value) => Numbers(name, [], destination => destination[0] = value);

    /// <summary>A constant tensor that is made when it is written.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="fill">Fills in all values, row-major.</param>
    /// <returns>The name.</returns>
    public string Numbers(string name, int[] shape, Action<Span<float>> fill)
    {
        long length = shape.Aggregate((long)sizeof(float), (product, dimension) => checked(product * dimension));
        AddInitializer(name, OnnxFields.DataType.Float, shape, length, () =>
        {
            var bytes = new byte[length];
            var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
            fill(values);
            if (!BitConverter.IsLittleEndian)
            {
                var bits = MemoryMarshal.Cast<float, int>(values);
                BinaryPrimitives.ReverseEndianness(bits, bits);
            }

            return bytes;
        });
        return name;
    }

    /// <summary>A parameter as it is.</summary>
    /// <returns>The name.</returns>
    public string Parameter(Parameter parameter) => Numbers(parameter.Name, [.. parameter.Shape], destination => parameter.Values.CopyTo(destination));

    /// <summary>A matrix parameter turned round.</summary>
    /// <returns>The name.</returns>
    public string Transposed(Parameter matrix) => Numbers($"{matrix.Name}_transposed", [matrix.Shape[1], matrix.Shape[0]], transposed =>
    {
        int rows = matrix.Shape[0], columns = matrix.Shape[1];
        var values = matrix.Values;
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                transposed[column * rows + row] = values[row * columns + column];
        }
    });

    /// <summary>Adds a node of one output.</summary>
    /// <returns>The output's name.</returns>
    public string Node(string operation, string output, string[] inputs, params OnnxMessage[] attributes)
    {
        Node(operation, [output], inputs, attributes);
        return output;
    }

    /// <summary>Adds a node. An input or output with an empty name is left out.</summary>
    public void Node(string operation, string[] outputs, string[] inputs, params OnnxMessage[] attributes)
    {
        var node = new OnnxMessage();
        foreach (string input in inputs)
            node.Add(OnnxFields.Node.Input, input);
        foreach (string output in outputs)
            node.Add(OnnxFields.Node.Output, output);
        node.Add(OnnxFields.Node.OpType, operation);
        foreach (var attribute in attributes)
            node.Add(OnnxFields.Node.Attribute, attribute);
        _nodes.Add(node);
    }

    /// <summary>An attribute of one whole number.</summary>
    public static OnnxMessage Attribute(string name, long value) => new OnnxMessage()
        .Add(OnnxFields.Attribute.Name, name)
        .Add(OnnxFields.Attribute.Int, value)
        .Add(OnnxFields.Attribute.Type, OnnxFields.Attribute.TypeInt);

    /// <summary>An attribute of one string.</summary>
    public static OnnxMessage Attribute(string name, string value) => new OnnxMessage()
        .Add(OnnxFields.Attribute.Name, name)
        .Add(OnnxFields.Attribute.String, value)
        .Add(OnnxFields.Attribute.Type, OnnxFields.Attribute.TypeString);

    /// <summary>An attribute of several whole numbers.</summary>
    public static OnnxMessage Attribute(string name, long[] values)
    {
        var attribute = new OnnxMessage().Add(OnnxFields.Attribute.Name, name);
        foreach (long value in values)
            attribute.Add(OnnxFields.Attribute.Ints, value);
        return attribute.Add(OnnxFields.Attribute.Type, OnnxFields.Attribute.TypeInts);
    }

    /// <summary>An attribute that is a graph of its own, which may also use the values of the graph around it.</summary>
    public static OnnxMessage Attribute(string name, OnnxGraph body) => new OnnxMessage()
        .Add(OnnxFields.Attribute.Name, name)
        .Add(OnnxFields.Attribute.Graph, body.ToMessage(name))
        .Add(OnnxFields.Attribute.Type, OnnxFields.Attribute.TypeGraph);

    /// <summary>An attribute of several strings.</summary>
    public static OnnxMessage Attribute(string name, IEnumerable<string> values)
    {
        var attribute = new OnnxMessage().Add(OnnxFields.Attribute.Name, name);
        foreach (string value in values)
            attribute.Add(OnnxFields.Attribute.Strings, value);
        return attribute.Add(OnnxFields.Attribute.Type, OnnxFields.Attribute.TypeStrings);
    }

    /// <summary>The graph as a message.</summary>
    public OnnxMessage ToMessage(string name)
    {
        var graph = new OnnxMessage();
        AddAll(OnnxFields.Graph.Node, _nodes);
        graph.Add(OnnxFields.Graph.Name, name);
        AddAll(OnnxFields.Graph.Initializer, _initializers);
        AddAll(OnnxFields.Graph.Input, _inputs);
        AddAll(OnnxFields.Graph.Output, _outputs);
        return graph;

        void AddAll(int field, List<OnnxMessage> messages)
        {
            foreach (var message in messages)
                graph.Add(field, message);
        }
    }

    private static OnnxMessage ValueInfo(string name, int elementType, ReadOnlySpan<object> dimensions)
    {
        var shape = new OnnxMessage();
        foreach (object dimension in dimensions)
        {
            shape.Add(OnnxFields.Shape.Dim, dimension is string free
                ? new OnnxMessage().Add(OnnxFields.Shape.DimParam, free)
                : new OnnxMessage().Add(OnnxFields.Shape.DimValue, (int)dimension));
        }

        var tensor = new OnnxMessage().Add(OnnxFields.Type.ElementType, elementType).Add(OnnxFields.Type.Shape, shape);
        return new OnnxMessage().Add(OnnxFields.ValueInfo.Name, name).Add(OnnxFields.ValueInfo.Type, new OnnxMessage().Add(OnnxFields.Type.TensorType, tensor));
    }

    private string Integers(string name, int[] shape, long[] values)
    {
        AddInitializer(name, OnnxFields.DataType.Int64, shape, values.LongLength * sizeof(long), () =>
        {
            var bytes = new byte[values.Length * sizeof(long)];
            for (int i = 0; i < values.Length; i++)
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), values[i]);
            return bytes;
        });
        return name;
    }

    private void AddInitializer(string name, int dataType, int[] shape, long length, Func<byte[]> content)
    {
        var tensor = new OnnxMessage();
        foreach (int dimension in shape)
            tensor.Add(OnnxFields.Tensor.Dims, dimension);
        _initializers.Add(tensor.Add(OnnxFields.Tensor.DataType, dataType).Add(OnnxFields.Tensor.Name, name).Add(OnnxFields.Tensor.RawData, length, content));
    }
}
