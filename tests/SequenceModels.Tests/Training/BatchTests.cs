using SequenceModels.Tasks;
using SequenceModels.Text;
using SequenceModels.Training;

namespace SequenceModels.Tests.Training;

public sealed unsafe class BatchTests
{
    [Theory]
    [InlineData(101, 4, 7)]
    [InlineData(2, 32, 64)]
    [InlineData(1000, 3, 1000)]
    [InlineData(64, 8, 7)]
    [InlineData(58, 8, 7)]
    public void Streams_predict_every_token_but_the_first_exactly_once(int length, int streams, int chunk)
    {
        using var batches = new StreamBatches([.. Enumerable.Range(0, length)], streams, chunk, 5);
        for (int epoch = 0; epoch < 2; epoch++)
        {
            var targets = new List<int>();
            int count = 0;
            batches.BeginEpoch(epoch);
            while (batches.Next())
            {
                count++;
                int found = 0;
                for (int i = 0; i < batches.Shape.Rows; i++)
                {
                    if (batches.Targets[i] < 0)
                        continue;
                    Assert.Equal(batches.Tokens[i] + 1, batches.Targets[i]);
                    targets.Add(batches.Targets[i]);
                    found++;
                }

                Assert.Equal(found, batches.TargetCount);
            }

            Assert.Equal(batches.Count, count);
            Assert.Equal(Enumerable.Range(1, length - 1), targets.Order());
        }
    }

    [Fact]
    public void A_streams_chunks_follow_one_another()
    {
        using var batches = new StreamBatches([.. Enumerable.Range(0, 41)], 2, 6, 0);
        var last = new int[2];
        batches.BeginEpoch(0);
        for (int chunk = 0; batches.Next(); chunk++)
        {
            for (int stream = 0; stream < 2; stream++)
            {
                if (chunk > 0)
                    Assert.Equal(last[stream], batches.Tokens[stream]);
                last[stream] = batches.Targets[(batches.Shape.Time - 1) * 2 + stream];
            }
        }
    }

    [Fact]
    public void Lines_are_read_from_the_end_mark_to_the_end_mark()
    {
        string[] lines = ["ab", "abcd", "a"];
        var tokenizer = Tokenizers.Build(TokenizerKind.Character, lines, false, 1, withEnd: true);
        int end = tokenizer.Vocabulary.End!.Value;
        using var batches = new LineBatches(lines, tokenizer, 3, 4, null);
        batches.BeginEpoch(0);

        Assert.True(batches.Next());
        Assert.Equal([4, 3, 2], batches.Shape.Lengths);
        int[] a = tokenizer.Encode("abcd");
        int[] Column(int* values, int b) => [.. Enumerable.Range(0, 4).Select(t => values[t * 3 + b])];
        Assert.Equal([end, a[0], a[1], a[2]], Column(batches.Tokens, 0)); // "abcd" and its end mark are five tokens; four are the most
        Assert.Equal([a[0], a[1], a[2], a[3]], Column(batches.Targets, 0));
        Assert.Equal([a[0], a[1], end, -1], Column(batches.Targets, 1));
        Assert.Equal([a[0], end, -1, -1], Column(batches.Targets, 2));
        Assert.Equal(9, batches.TargetCount);
        Assert.False(batches.Next());
    }

    [Fact]
    public void Buckets_hold_every_sequence_once_longest_first_in_an_order_of_the_epoch()
    {
        int[] lengths = [.. Enumerable.Range(0, 1003).Select(i => 1 + i * 37 % 59)];
        var buckets = new LengthBuckets(lengths, 10, 5);
        var orders = new List<int[]>();
        foreach (int epoch in new[] { 0, 1, 0 })
        {
            buckets.Arrange(epoch);
            var order = new List<int>();
            for (int batch = 0; batch < buckets.Count; batch++)
            {
                int[] members = buckets[batch].ToArray();
                Assert.Equal(members.Select(i => lengths[i]).OrderDescending(), members.Select(i => lengths[i]));
                order.AddRange(members);
            }

            Assert.Equal(Enumerable.Range(0, 1003), order.Order());
            orders.Add([.. order]);
        }

        Assert.NotEqual(orders[0], orders[1]);
        Assert.Equal(orders[0], orders[2]);
    }
}
