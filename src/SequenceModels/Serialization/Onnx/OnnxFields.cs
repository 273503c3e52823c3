namespace SequenceModels.Serialization.Onnx;

/// <summary>
/// Numbers of the messages' fields, and values of their enumerations, in ONNX files. Source: onnx/onnx.proto of https://github.com/onnx/onnx, which promises that numbers are never used again
/// for something else; only what is written here is listed.
/// </summary>
internal static class OnnxFields
{
    /// <summary>The whole file.</summary>
    internal static class Model
    {
        public const int IrVersion = 1;
        public const int ProducerName = 2;
        public const int Graph = 7;
        public const int OpsetImport = 8;
        public const int MetadataProps = 14;
    }

    /// <summary>Which operators a model is written for; without a domain the standard ones.</summary>
    internal static class OperatorSetId
    {
        public const int Version = 2;
    }

    /// <summary>A note of the metadata.</summary>
    internal static class StringStringEntry
    {
        public const int Key = 1;
        public const int Value = 2;
    }

    /// <summary>Nodes in an order in which every value is made before it is used.</summary>
    internal static class Graph
    {
        public const int Node = 1;
        public const int Name = 2;
        public const int Initializer = 5;
        public const int Input = 11;
        public const int Output = 12;
    }

    /// <summary>One use of an operator.</summary>
    internal static class Node
    {
        public const int Input = 1;
        public const int Output = 2;
        public const int OpType = 4;
        public const int Attribute = 5;
    }

    /// <summary>A constant argument of an operator.</summary>
    internal static class Attribute
    {
        public const int Name = 1;
        public const int Int = 3;
        public const int String = 4;
        public const int Graph = 6;
        public const int Ints = 8;
        public const int Strings = 9;
        public const int Type = 20;

        /// <summary>AttributeType.INT.</summary>
        public const int TypeInt = 2;

        /// <summary>AttributeType.STRING.</summary>
        public const int TypeString = 3;

        /// <summary>AttributeType.GRAPH.</summary>
        public const int TypeGraph = 5;

        /// <summary>AttributeType.INTS.</summary>
        public const int TypeInts = 7;

        /// <summary>AttributeType.STRINGS.</summary>
        public const int TypeStrings = 8;
    }

    /// <summary>A constant tensor.</summary>
    internal static class Tensor
    {
        public const int Dims = 1;
        public const int DataType = 2;
        public const int Name = 8;
        public const int RawData = 9;
    }

    /// <summary>Name and type of an input or output.</summary>
    internal static class ValueInfo
    {
        public const int Name = 1;
        public const int Type = 2;
    }

    /// <summary>TypeProto, of which only tensors are used, and TypeProto.Tensor.</summary>
    internal static class Type
    {
        public const int TensorType = 1;
        public const int ElementType = 1;
        public const int Shape = 2;
    }

    /// <summary>TensorShapeProto and its Dimension: a number, or a name where it is free.</summary>
    internal static class Shape
    {
        public const int Dim = 1;
        public const int DimValue = 1;
        public const int DimParam = 2;
    }

    /// <summary>TensorProto.DataType.</summary>
    internal static class DataType
    {
        public const int Float = 1;
        public const int Int32 = 6;
        public const int Int64 = 7;
        public const int Bool = 9;
    }
}
