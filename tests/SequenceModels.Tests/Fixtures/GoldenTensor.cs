using System.Text.Json;

namespace SequenceModels.Tests.Fixtures;

/// <summary>Numbers of a golden file with their dimensions, row-major.</summary>
internal sealed record GoldenTensor(double[] Values, int[] Shape)
{
    /// <summary>The numbers in single precision, as the float code takes them.</summary>
    public float[] Floats => Array.ConvertAll(Values, value => (float)value);

    /// <summary>Part of the tensor at one index of its first dimension.</summary>
    public GoldenTensor this[int index]
    {
        get
        {
            int length = Shape[1..].Aggregate(1, (product, dimension) => product * dimension);
            return new GoldenTensor(Values[(index * length)..((index + 1) * length)], Shape[1..]);
        }
    }

    /// <summary>Reads nested arrays, or one number.</summary>
    /// <exception cref="InvalidDataException">The arrays are ragged.</exception>
    public static GoldenTensor Read(JsonElement element)
    {
        var shape = new List<int>();
        for (var level = element; level.ValueKind == JsonValueKind.Array; level = level[0])
        {
            shape.Add(level.GetArrayLength());
            if (shape[^1] == 0)
                break;
        }

        var values = new List<double>();
        Flatten(element, 0, shape, values);
        return new GoldenTensor([.. values], [.. shape]);
    }

    private static void Flatten(JsonElement element, int depth, List<int> shape, List<double> values)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            if (depth != shape.Count)
                throw new InvalidDataException("A golden tensor is ragged.");
            values.Add(element.ValueKind switch { JsonValueKind.True => 1, JsonValueKind.False => 0, _ => element.GetDouble() });
            return;
        }

        if (depth >= shape.Count || element.GetArrayLength() != shape[depth])
            throw new InvalidDataException("A golden tensor is ragged.");
        foreach (var item in element.EnumerateArray())
            Flatten(item, depth + 1, shape, values);
    }
}
