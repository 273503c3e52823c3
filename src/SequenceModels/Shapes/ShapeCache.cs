using SequenceModels.Layers;

namespace SequenceModels.Shapes;

/// <summary>Shapes of batches, each made once: T and B repeat from epoch to epoch, and the lengths of all batches of a size stand in one array.</summary>
internal sealed class ShapeCache
{
    private readonly Dictionary<(int Time, int Batch, bool Equal), SequenceShape> _shapes = [];
    private readonly Dictionary<int, int[]> _lengths = [];

    /// <summary>Where the lengths of a batch of <paramref name="batch"/> rows are written to before <see cref="Shape"/>.</summary>
    public int[] Lengths(int batch)
    {
        if (!_lengths.TryGetValue(batch, out int[]? lengths))
            _lengths.Add(batch, lengths = new int[batch]);
        return lengths;
    }

    /// <summary>The shape of the lengths written; valid until they are written again.</summary>
    public SequenceShape Shape(int batch)
    {
        int[] lengths = Lengths(batch);
        int longest = 0;
        bool equal = true;
        foreach (int length in lengths)
        {
            longest = Math.Max(longest, length);
            equal &= length == lengths[0];
        }

        if (!_shapes.TryGetValue((longest, batch, equal), out var shape))
            _shapes.Add((longest, batch, equal), shape = new SequenceShape(longest, batch, equal ? null : lengths));
        return shape;
    }
}
