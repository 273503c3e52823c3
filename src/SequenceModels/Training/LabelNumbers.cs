using SequenceModels.Data;

namespace SequenceModels.Training;

/// <summary>Labels as numbers.</summary>
internal static class LabelNumbers
{
    /// <summary>The number of each example's label.</summary>
    /// <exception cref="ArgumentException">An example carries a label that is not one of <paramref name="labels"/>.</exception>
    public static int[] Of(IReadOnlyList<LabelledText> items, IReadOnlyList<string> labels)
    {
        var indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < labels.Count; i++)
            indexes.Add(labels[i], i);
        var numbers = new int[items.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!indexes.TryGetValue(items[i].Label, out numbers[i]))
                throw new ArgumentException($"The label '{items[i].Label}' is not one of the model's: {string.Join(", ", labels)}.", nameof(items));
        }

        return numbers;
    }
}
