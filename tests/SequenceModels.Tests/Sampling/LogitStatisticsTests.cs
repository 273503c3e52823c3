using SequenceModels.Randomness;
using SequenceModels.Sampling;

namespace SequenceModels.Tests.Sampling;

public sealed class LogitStatisticsTests
{
    // Sums of at most 300 doubles, each rounded once.
    private const double Rounding = 1e-12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(57)]
    [InlineData(300)]
    public void Scores_are_those_of_the_definition(int vocabulary)
    {
        float[] logits = Logits(vocabulary);
        double[] weights = [.. logits.Select(logit => Math.Exp(logit))];
        double sum = weights.Sum();
        double entropy = -weights.Sum(weight => weight / sum * Math.Log(weight / sum));
        for (int token = 0; token < vocabulary; token++)
        {
            var score = LogitStatistics.Score(logits, token);
            Assert.Equal(token, score.Token);
            Assert.Equal(Math.Log(weights[token] / sum), score.LogProbability, Rounding);
            Assert.Equal(logits.Count(logit => logit > logits[token]) + 1, score.Rank);
            Assert.Equal(entropy, score.Entropy, Rounding);
            Assert.Equal(SamplingMath.LogProbability(logits, token), score.LogProbability);
        }
    }

    [Fact]
    public void Of_a_certain_token_the_surprise_and_the_entropy_are_nought_and_of_equals_the_entropy_is_the_greatest()
    {
        Assert.Equal(new TokenScore(1, 0, 1, 0), LogitStatistics.Score([-2000f, 0f, -2000f], 1));
        var equal = LogitStatistics.Score([5f, 5f, 5f, 5f], 2);
        Assert.Equal(1, equal.Rank);
        Assert.Equal(Math.Log(4), equal.Entropy, Rounding);
    }

    [Theory]
    [InlineData(57, 0)]
    [InlineData(57, 1)]
    [InlineData(57, 20)]
    [InlineData(3, 20)]
    public void The_top_is_the_head_of_all_sorted(int vocabulary, int count)
    {
        float[] logits = Logits(vocabulary);
        if (vocabulary > 10)
            logits[9] = logits[4] = logits.Max();

        var top = LogitStatistics.Top(logits, count);

        Assert.Equal(logits.Index().OrderByDescending(logit => logit.Item).ThenBy(logit => logit.Index).Take(count).Select(logit => logit.Index), top.Select(token => token.Token));
        Assert.All(top, token => Assert.Equal(SamplingMath.LogProbability(logits, token.Token), token.LogProbability));
    }

    private static float[] Logits(int count)
    {
        var random = new CounterRandom(3, RandomPurpose.Initialization);
        return [.. Enumerable.Range(0, count).Select(i => random.Uniform(i) * 12 - 6)];
    }
}
