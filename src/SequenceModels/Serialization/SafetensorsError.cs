namespace SequenceModels.Serialization;

/// <summary>What is wrong with a safetensors file, one cause each.</summary>
public enum SafetensorsError
{
    /// <summary>The file ends within the 8 bytes that tell the header's length.</summary>
    NoHeader,

    /// <summary>The header is longer than <see cref="SafetensorsReader.MaximumHeaderBytes"/>.</summary>
    HeaderTooLarge,

    /// <summary>The file ends within the header.</summary>
    HeaderTruncated,

    /// <summary>The header is not a JSON object in UTF-8.</summary>
    HeaderNotJson,

    /// <summary><c>__metadata__</c> is not an object of strings.</summary>
    BadMetadata,

    /// <summary>A name stands twice.</summary>
    DuplicateName,

    /// <summary>A tensor's entry lacks a member, has one too many, or one of the wrong type.</summary>
    BadEntry,

    /// <summary>The element type is not one of the format's.</summary>
    UnknownType,

    /// <summary>The dimensions multiply to more bytes than 63 bits can count.</summary>
    ShapeOverflow,

    /// <summary>The end of a tensor's data lies before its beginning.</summary>
    BadOffsets,

    /// <summary>A tensor's data is not as long as its type and shape say.</summary>
    SizeMismatch,

    /// <summary>Two tensors share bytes.</summary>
    Overlap,

    /// <summary>Bytes between two tensors, or before the first, belong to none.</summary>
    Gap,

    /// <summary>The file ends before its last tensor.</summary>
    DataTruncated,

    /// <summary>The file goes on after its last tensor.</summary>
    TrailingData,

    /// <summary>A tensor that the model has is not in the file.</summary>
    MissingTensor,

    /// <summary>A tensor of the file is not one of the model's.</summary>
    UnexpectedTensor,

    /// <summary>A tensor has another shape than the model's.</summary>
    ShapeMismatch,

    /// <summary>Several tensors of the file could be the one of a parameter.</summary>
    AmbiguousName,

    /// <summary>The caller named a tensor for a parameter that the model does not have.</summary>
    UnknownParameter,

    /// <summary>The element type cannot be read as numbers of single precision.</summary>
    UnsupportedType,
}
