namespace SequenceModels.Serialization;

/// <summary>A safetensors file is not what it should be.</summary>
public sealed class SafetensorsException : Exception
{
    /// <summary>An error without further word.</summary>
    public SafetensorsException()
        : this(SafetensorsError.HeaderNotJson, null, "The file is not a safetensors file.")
    {
    }

    /// <summary>An error of an unreadable header.</summary>
    /// <param name="message">What is wrong.</param>
    public SafetensorsException(string message)
        : this(SafetensorsError.HeaderNotJson, null, message)
    {
    }

    /// <summary>An error of an unreadable header.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">What caused it.</param>
    public SafetensorsException(string message, Exception innerException)
        : this(SafetensorsError.HeaderNotJson, null, message, innerException)
    {
    }

    internal SafetensorsException(SafetensorsError error, string? tensor, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
        Tensor = tensor;
    }

    /// <summary>What is wrong.</summary>
    public SafetensorsError Error { get; }

    /// <summary>The tensor it is about, if it is about one.</summary>
    public string? Tensor { get; }
}
