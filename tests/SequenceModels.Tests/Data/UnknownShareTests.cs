using System.Globalization;
using System.Text;
using SequenceModels.Data;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Text;

namespace SequenceModels.Tests.Data;

public sealed class UnknownShareTests
{
    [Fact]
    public void Small_datasets_are_counted_by_hand()
    {
        // Characters: c is there once. Words of one text: m is 2, so "the" and "cat" (twice) and "dog" (once) count, "a" (three times) does not.
        var share = new DatasetOptions(DatasetFormat.Text).Inspect("a a a the cat the cat dog").Statistics.UnknownShare;
        Assert.Equal(new UnknownShare(3.0 / 25, 5.0 / 8), share);       // d, o and g are there once

        // Of less than 200 labelled rows a word seen once is in the vocabulary: m is 1. Words are lower-cased.
        share = new DatasetOptions(DatasetFormat.Csv).Inspect("text,label\nGood good,x\ngood bad,y\n").Statistics.UnknownShare;
        Assert.Equal(1.0 / 4, share!.Words);

        // Lines are not lower-cased.
        share = new DatasetOptions(DatasetFormat.Lines).Inspect("Good good\ngood good\n").Statistics.UnknownShare;
        Assert.Equal(new UnknownShare(1.0 / 18, 1.0 / 4), share);

        Assert.Null(new DatasetOptions(DatasetFormat.Lines).Inspect("\u200B\n").Statistics.UnknownShare!.Words);
    }

    [Theory]
    [InlineData(30_000, 20_000)]
    [InlineData(200_000, 400_000)]      // more words than are counted, and than the vocabulary takes
    public void It_is_about_what_a_vocabulary_of_the_dataset_does_not_know_of_as_much_new_text(int words, int different)
    {
        var (known, unseen) = (Sentence(words, different, 1), Sentence(words, different, 2));
        var tokenizer = Tokenizers.Build(TokenizerKind.Word, [known], lowerCase: false, minimumCount: 2, withEnd: false);
        var tokens = tokenizer.Encode(unseen);
        var actual = tokens.Count(token => token == Vocabulary.Unknown) / (double)tokens.Length;
        var estimated = new DatasetOptions(DatasetFormat.Text).Inspect(known).Statistics.UnknownShare!.Words!.Value;
        Assert.InRange(actual, 0.05, 0.9);
        Assert.InRange(estimated / actual, 0.95, 1.05);
    }

    [Fact]
    public void A_sample_of_many_words_gives_nearly_the_share_of_all()
    {
        var text = Sentence(300_000, 30_000_000, 3);
        var counts = text.Split(' ').CountBy(word => word).Select(pair => (long)pair.Value).ToArray();
        Assert.True(counts.Length > 2 * (1 << 16));
        var exact = counts.Where(count => count <= 2).Sum() / (double)counts.Sum();
        var words = new WordCounts(lowerCase: false);
        words.Add(Encoding.UTF8.GetBytes(text));
        words.End();
        Assert.Equal(300_000, words.Total);
        Assert.True(words.Spacing > 1);
        Assert.InRange(words.Counts.Where(count => count <= 2).Sum() * words.Spacing / (double)words.Total / exact, 0.98, 1.02);
    }

    [Fact]
    public void Words_are_those_of_the_tokenizer_wherever_parts_end()
    {
        var text = string.Concat(Enumerable.Range(0, 30_000).Select(i => $"don't {i} été\tΜούσα 3.14, "));
        var bytes = Encoding.UTF8.GetBytes(text);
        var words = new WordCounts(lowerCase: true);
        var random = new CounterRandom(1, RandomPurpose.Split);
        for (int start = 0, part = 0; start < bytes.Length; part++)
        {
            var end = Math.Min(bytes.Length, start + 1 + (int)(random.Word(part) % 40_000));
            while (end < bytes.Length && (bytes[end] & 0xC0) == 0x80)
            {
                end++;
            }

            words.Add(bytes.AsSpan(start, end - start));
            start = end;
        }

        words.End();
        var tokenizer = Tokenizers.Build(TokenizerKind.Word, [text], lowerCase: true, minimumCount: 1, withEnd: false);
        Assert.Equal(tokenizer.Count(text), words.Total);
        Assert.Equal(1, words.Spacing);
        Assert.Equal(tokenizer.Vocabulary.Count - 1, words.Counts.Count());
    }

    /// <summary>Words whose frequencies fall as those of languages do (Zipf).</summary>
    private static string Sentence(int words, int different, long seed)
    {
        var random = new CounterRandom(seed, RandomPurpose.Split);
        var text = new StringBuilder();
        for (var i = 0; i < words; i++)
        {
            // Density 1/x between 1 and the number of words.
            var rank = (int)Math.Exp(random.UniformDouble(i) * Math.Log(different));
            text.Append(i == 0 ? "" : " ").Append(Letters(rank));
        }

        return text.ToString();
    }

    private static string Letters(int number)
    {
        var letters = number.ToString(CultureInfo.InvariantCulture).ToCharArray();
        for (var i = 0; i < letters.Length; i++)
        {
            letters[i] = (char)(letters[i] - '0' + 'a');
        }

        return new string(letters);
    }
}
