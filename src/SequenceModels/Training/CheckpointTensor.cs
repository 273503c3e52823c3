using SequenceModels.Tensors;

namespace SequenceModels.Training;

/// <summary>A tensor of a run, to be written to a checkpoint or read from one.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Buffer">Where it lies.</param>
/// <param name="Offset">Index of its first value there.</param>
/// <param name="Length">Number of its values.</param>
internal readonly record struct CheckpointTensor(string Name, IReadOnlyList<int> Shape, NativeBuffer Buffer, long Offset, int Length)
{
    /// <summary>Its values.</summary>
    public Span<float> Values => Buffer.Slice(Offset, Length);

    /// <summary>All of a buffer.</summary>
    public static CheckpointTensor Of(string name, NativeBuffer buffer) => new(name, [checked((int)buffer.Length)], buffer, 0, (int)buffer.Length);

    /// <summary>The parts of a buffer that has the layout of the parameters, each under its parameter's name.</summary>
    public static IEnumerable<CheckpointTensor> Of(string name, NativeBuffer buffer, ParameterSet parameters) =>
        parameters.Parameters.Select(parameter => new CheckpointTensor($"{name}.{parameter.Name}", parameter.Shape, buffer, parameter.Offset, parameter.Length));
}
