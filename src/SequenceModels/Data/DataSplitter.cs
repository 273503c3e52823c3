using SequenceModels.Randomness;

namespace SequenceModels.Data;

/// <summary>Splits examples into a part to learn from and a part to measure on.</summary>
public static class DataSplitter
{
    /// <summary>
    /// Splits off a share of the examples: of one long text the last part; of lines a random choice; of labelled texts a random choice from each label
    /// (stratified), so that every label stays in training. The choice depends on (seed, number of examples) alone; both parts keep the order of the file.
    /// </summary>
    /// <param name="data">The examples.</param>
    /// <param name="validationFraction">Share to measure on, above 0 to 0.5.</param>
    /// <param name="seed">Key of the random choice.</param>
    /// <returns>The two parts; with a single example the validation part is empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is not above 0 and at most 0.5.</exception>
    public static (TrainingData Training, TrainingData Validation) Split(TrainingData data, double validationFraction, long seed)
    {
        ThrowIfNoShare(validationFraction);
        return data switch
        {
            TrainingData.ContinuousText text => SplitText(text.Text, validationFraction),
            TrainingData.Lines lines => SplitLines(lines.Items, validationFraction, seed),
            TrainingData.Labelled labelled => SplitLabelled(labelled.Items, validationFraction, seed),
            _ => throw new ArgumentException($"There is no split of {data.GetType().Name}.", nameof(data)),
        };
    }

    /// <summary>Which sequences <see cref="Split"/> holds back to measure on; none of one long text, which has no sequences.</summary>
    /// <param name="data">The examples.</param>
    /// <param name="validationFraction">Share to measure on, above 0 to 0.5.</param>
    /// <param name="seed">Key of the random choice.</param>
    /// <returns>For each sequence, in order, whether it is held back.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is not above 0 and at most 0.5.</exception>
    public static IReadOnlyList<bool> HeldBack(TrainingData data, double validationFraction, long seed)
    {
        ThrowIfNoShare(validationFraction);
        return data switch
        {
            TrainingData.Lines lines => ChooseLines(lines.Items.Count, validationFraction, seed),
            TrainingData.Labelled labelled => ChooseLabelled(labelled.Items, validationFraction, seed),
            _ => [],
        };
    }

    /// <summary>A part of the examples, to measure something on that would take too long on all: of one long text its beginning; of rows, which may stand sorted in their file, some evenly from all.</summary>
    /// <param name="data">The examples.</param>
    /// <param name="share">The share of them, above 0; from 1 on all.</param>
    /// <returns>The part: a character or a row at least where there is one.</returns>
    public static TrainingData Part(TrainingData data, double share) => !(share < 1) ? data : data switch
    {
        TrainingData.ContinuousText { Text.Length: > 0 } text => new TrainingData.ContinuousText(text.Text[..WholeCharacters(text.Text, (int)(text.Text.Length * share))]),
        TrainingData.Lines lines => new TrainingData.Lines(Some(lines.Items, share)),
        TrainingData.Labelled labelled => new TrainingData.Labelled(Some(labelled.Items, share)),
        _ => data,
    };

    private static void ThrowIfNoShare(double validationFraction)
    {
        if (!(validationFraction is > 0 and <= 0.5))
            throw new ArgumentOutOfRangeException(nameof(validationFraction), validationFraction, "The share lies above 0 and is at most 0.5.");
    }

    private static int WholeCharacters(string text, int length) => length <= 1 ? Math.Min(text.Length, char.IsHighSurrogate(text[0]) ? 2 : 1) : char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;

    private static IReadOnlyList<T> Some<T>(IReadOnlyList<T> rows, double share)
    {
        int count = Math.Min(rows.Count, Math.Max(1, (int)(rows.Count * share)));
        return [.. Enumerable.Range(0, count).Select(i => rows[(int)((long)i * rows.Count / count)])];
    }

    private static (TrainingData Training, TrainingData Validation) SplitText(string text, double fraction)
    {
        int at = text.Length - (int)Math.Round(text.Length * fraction);
        if (at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]))
            at--;
        return (new TrainingData.ContinuousText(text[..at]), new TrainingData.ContinuousText(text[at..]));
    }

    private static (TrainingData Training, TrainingData Validation) SplitLines(IReadOnlyList<string> lines, double fraction, long seed)
    {
        var chosen = ChooseLines(lines.Count, fraction, seed);
        return (new TrainingData.Lines(Part(lines, chosen, false)), new TrainingData.Lines(Part(lines, chosen, true)));
    }

    private static (TrainingData Training, TrainingData Validation) SplitLabelled(IReadOnlyList<LabelledText> items, double fraction, long seed)
    {
        var chosen = ChooseLabelled(items, fraction, seed);
        return (new TrainingData.Labelled(Part(items, chosen, false)), new TrainingData.Labelled(Part(items, chosen, true)));
    }

    private static bool[] ChooseLines(int lines, double fraction, long seed)
    {
        var chosen = new bool[lines];
        Choose([.. Enumerable.Range(0, lines)], fraction, new CounterRandom(seed, RandomPurpose.Split), chosen);
        return chosen;
    }

    private static bool[] ChooseLabelled(IReadOnlyList<LabelledText> items, double fraction, long seed)
    {
        var chosen = new bool[items.Count];
        var byLabel = items.Select((item, index) => (item.Label, index)).GroupBy(item => item.Label, item => item.index, StringComparer.Ordinal);
        uint number = 0;
        foreach (var label in byLabel.OrderBy(group => group.Key, StringComparer.Ordinal))
            Choose([.. label], fraction, new CounterRandom(seed, RandomPurpose.Split, 0, number++), chosen);
        return chosen;
    }

    private static void Choose(int[] candidates, double fraction, CounterRandom random, bool[] chosen)
    {
        random.Shuffle(candidates.AsSpan());
        int count = Math.Min(Math.Max(1, (int)Math.Round(candidates.Length * fraction)), candidates.Length - 1);
        foreach (int index in candidates.AsSpan(0, count))
            chosen[index] = true;
    }

    private static T[] Part<T>(IReadOnlyList<T> items, bool[] chosen, bool wanted) =>
        [.. items.Where((_, index) => chosen[index] == wanted)];
}
