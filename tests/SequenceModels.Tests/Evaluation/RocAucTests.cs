using FsCheck.Xunit;
using SequenceModels.Evaluation;

namespace SequenceModels.Tests.Evaluation;

public sealed class RocAucTests
{
    [Fact]
    public void The_example_of_scikit_learn()
    {
        Assert.Equal(0.75, RocAuc.Binary([0.1, 0.4, 0.35, 0.8], [false, false, true, true]));
    }

    [Fact]
    public void Equal_scores_count_half()
    {
        Assert.Equal(0.5, RocAuc.Binary([3, 3, 3, 3], [true, false, false, true]));

        // Pairs (positive, other): (2, 1) won, (2, 2) tied, (1, 1) tied, (1, 2) lost.
        Assert.Equal(0.5, RocAuc.Binary([1, 1, 2, 2], [true, false, true, false]));

        // (2, 1) twice won, (2, 2) twice tied: 3 of 4.
        Assert.Equal(0.75, RocAuc.Binary([2, 2, 1, 2], [true, true, false, false]));
    }

    [Fact]
    public void Without_both_sides_there_is_none()
    {
        Assert.True(double.IsNaN(RocAuc.Binary([1, 2], [true, true])));
        Assert.True(double.IsNaN(RocAuc.Binary([], [])));
        Assert.True(double.IsNaN(RocAuc.OneVersusRest([0.5, 0.5], [0], 2)));
    }

    [Fact]
    public void One_against_the_rest_is_the_mean_over_the_labels_that_occur()
    {
        // By hand: label 0 is told from the rest perfectly (1), label 1 has one of two pairs (0.5), label 2 has 1.5 of 2, label 3 does not occur.
        double[] scores =
        [
            0.7, 0.1, 0.1, 0.1,
            0.1, 0.5, 0.3, 0.1,
            0.2, 0.6, 0.1, 0.1,
        ];
        double expected = (RocAuc.Binary([0.7, 0.1, 0.2], [true, false, false]) + RocAuc.Binary([0.1, 0.5, 0.6], [false, true, false]) + RocAuc.Binary([0.1, 0.3, 0.1], [false, false, true])) / 3;
        Assert.Equal((1 + 0.5 + 0.25) / 3, expected, 1e-15);
        Assert.Equal(expected, RocAuc.OneVersusRest(scores, [0, 1, 2], 4), 1e-15);
    }

    [Property]
    public bool It_is_the_share_of_pairs_in_the_right_order((byte Score, bool Positive)[] rows)
    {
        double[] scores = [.. rows.Select(row => (double)(row.Score / 8))]; // many equal ones
        bool[] positive = [.. rows.Select(row => row.Positive)];
        double area = RocAuc.Binary(scores, positive);
        double won = 0, pairs = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            for (int j = 0; j < rows.Length; j++)
            {
                if (!positive[i] || positive[j])
                    continue;
                pairs++;
                won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
            }
        }

        double[] stretched = [.. scores.Select(score => Math.Exp(score / 4))], reversed = [.. scores.Select(score => -score)];
        return pairs == 0
            ? double.IsNaN(area)
            : Math.Abs(area - won / pairs) < 1e-12 && area == RocAuc.Binary(stretched, positive) && Math.Abs(1 - area - RocAuc.Binary(reversed, positive)) < 1e-12;
    }
}
