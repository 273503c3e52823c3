using SequenceModels.Baselines;

namespace SequenceModels.Tests.Baselines;

public sealed class NaiveBayesTests
{
    [Fact]
    public void Probabilities_are_those_computed_by_hand()
    {
        // Class 0: "1 2", "1"; class 1: "3". Features: 1, 2, (1 2), 3: F = 4. Counts of class 0: 1 twice, 2 once, (1 2) once: 4 in all; class 1: 3 once.
        var model = new NaiveBayes(2);
        model.Add([1, 2], 0);
        model.Add([1], 0);
        model.Add([3], 1);
        double prior0 = 3 / 5.0, prior1 = 2 / 5.0;

        // "1 3 9": the pair (1 3), the token 9 and the pair (3 9) were never seen and are passed over.
        double score0 = prior0 * (3 / 8.0) * (1 / 8.0);
        double score1 = prior1 * (1 / 5.0) * (2 / 5.0);

        var log = new double[2];
        model.Classify([1, 3, 9], log);

        Assert.Equal(score0 / (score0 + score1), Math.Exp(log[0]), 12);
        Assert.Equal(score1 / (score0 + score1), Math.Exp(log[1]), 12);
    }

    [Fact]
    public void A_feature_counts_as_often_as_it_stands_in_the_text()
    {
        var model = new NaiveBayes(2);
        model.Add([1, 1], 0);
        model.Add([2, 2], 1);

        // Features 1, (1 1), 2, (2 2): F = 4, three counts a class. "1 1" in class 0: 1 twice at 3/7, the pair at 2/7; in class 1 each at 1/7.
        var log = new double[2];
        model.Classify([1, 1], log);

        Assert.Equal(Math.Log(3 * 3 * 2), log[0] - log[1], 12);
    }

    [Fact]
    public void A_text_of_nothing_known_has_the_prior_probabilities()
    {
        var model = new NaiveBayes(3);
        model.Add([1], 0);
        model.Add([1], 0);
        model.Add([2], 1);
        var log = new double[3];

        model.Classify([7, 8], log);

        Assert.Equal(3 / 6.0, Math.Exp(log[0]), 12);
        Assert.Equal(2 / 6.0, Math.Exp(log[1]), 12);
        Assert.Equal(1 / 6.0, Math.Exp(log[2]), 12);
    }

    [Fact]
    public void A_pair_is_never_taken_for_a_token()
    {
        var model = new NaiveBayes(2);
        model.Add([0, 5], 0);
        model.Add([1], 1);
        var log = new double[2];

        // Token 5 alone: seen in class 0 only, once; features 0, 5, (0 5), 1: F = 4; three counts in class 0, one in class 1.
        model.Classify([5], log);

        Assert.Equal(Math.Log(2 / 7.0) - Math.Log(1 / 5.0), log[0] - log[1], 12);
    }

    [Fact]
    public void Long_texts_do_not_underflow()
    {
        var model = new NaiveBayes(2);
        model.Add([1], 0);
        model.Add([2], 1);
        var log = new double[2];

        model.Classify([.. Enumerable.Repeat(1, 100_000)], log);

        Assert.Equal(0, log[0]);
        Assert.True(double.IsFinite(log[1]));
    }
}
