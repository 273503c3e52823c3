using System.Globalization;
using SequenceModels.Randomness;
using SequenceModels.Shapes;

namespace SequenceModels.Tests.Shapes;

/// <summary>The training part of the Japanese vowels (Kudo, Toyama, Shimbo 1999): nine speakers, 12 coefficients of sound a frame, in the ts format of the UEA archive.</summary>
internal static class JapaneseVowels
{
    public const int Features = 12;
    public const int Speakers = 9;

    public static SequenceTask Task { get; } = new()
    {
        Shape = TaskShape.ManyToOne,
        Input = SequenceFormat.Frames(Features),
        Output = SequenceFormat.Tokens(Speakers),
        Architecture = new() { HiddenSize = 64, Bidirectional = true, Dropout = 0.3 },
    };

    /// <summary>The examples: after the line <c>@data</c>, one a line, its dimensions apart by colons, numbers by commas; last the speaker, 1..9.</summary>
    public static SequenceExample[] Read(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, "japanese_vowels", "JapaneseVowels_TRAIN.ts")).SkipWhile(line => !line.StartsWith("@data", StringComparison.OrdinalIgnoreCase)).Skip(1).Select(Parse)];

    /// <summary>A fifth of each speaker's examples apart, in an order by the seed.</summary>
    public static (SequenceExample[] Training, SequenceExample[] Unseen) Split(SequenceExample[] examples, long seed)
    {
        List<SequenceExample> training = [], unseen = [];
        foreach (var speaker in examples.GroupBy(example => ((TokenSequence)example.Target)[0]))
        {
            SequenceExample[] order = [.. speaker];
            new CounterRandom(seed, RandomPurpose.Split, 0, (uint)speaker.Key).Shuffle(order.AsSpan());
            unseen.AddRange(order[..(order.Length / 5)]);
            training.AddRange(order[(order.Length / 5)..]);
        }

        return ([.. training], [.. unseen]);
    }

    private static SequenceExample Parse(string line)
    {
        string[] parts = line.Split(':');
        float[][] dimensions = [.. parts[..Features].Select(dimension => dimension.Split(',').Select(number => float.Parse(number, CultureInfo.InvariantCulture)).ToArray())];
        float[] frames = [.. Enumerable.Range(0, dimensions[0].Length).SelectMany(step => dimensions.Select(dimension => dimension[step]))];
        return new SequenceExample(new FrameSequence(frames, Features), new TokenSequence(int.Parse(parts[Features], CultureInfo.InvariantCulture) - 1));
    }
}
