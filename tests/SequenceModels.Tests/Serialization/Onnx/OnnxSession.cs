using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace SequenceModels.Tests.Serialization.Onnx;

/// <summary>An ONNX file in the runtime, on one thread.</summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;

    public OnnxSession(byte[] file)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        _session = new InferenceSession(file, options);
    }

    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    public IEnumerable<string> Inputs => _session.InputMetadata.Keys;

    public IEnumerable<string> Outputs => _session.OutputMetadata.Keys;

    /// <summary>Runs the network; outputs by name, row-major.</summary>
    public Dictionary<string, float[]> Run(params NamedOnnxValue[] inputs)
    {
        using var results = _session.Run(inputs);
        return results.ToDictionary(result => result.Name, result => result.AsTensor<float>().ToArray());
    }

    public static NamedOnnxValue Value<T>(string name, T[] values, params int[] shape) => NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(values, shape));

    public static NamedOnnxValue Tokens(int[] tokens, int time, int batch) => Value("tokens", Array.ConvertAll(tokens, token => (long)token), time, batch);

    public void Dispose() => _session.Dispose();
}
