using FsCheck.Xunit;
using SequenceModels.Evaluation;

namespace SequenceModels.Tests.Evaluation;

public sealed class ConfusionMatrixTests
{
    [Fact]
    public void The_numbers_of_an_example_worked_by_hand()
    {
        // The example of scikit-learn's confusion_matrix: labels 2 0 2 2 0 1 were taken for 0 0 2 2 0 2.
        var matrix = Of(3, [2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2]);
        Assert.Equal([2, 0, 0, 0, 0, 1, 1, 0, 2], from actual in Enumerable.Range(0, 3) from predicted in Enumerable.Range(0, 3) select matrix[actual, predicted]);
        Assert.Equal(4.0 / 6, matrix.Accuracy);
        Assert.Equal(4.0 / 6, matrix.MicroF1);
        Assert.Equal((0.8 + 0 + 2.0 / 3) / 3, matrix.MacroF1, 1e-15);
        Assert.Equal(
            [new ClassMetrics(0, 2.0 / 3, 1, 0.8, 2, 3), new ClassMetrics(1, 0, 0, 0, 1, 0), new ClassMetrics(2, 2.0 / 3, 2.0 / 3, 4.0 / 6, 3, 3)],
            matrix.Classes);
        Assert.Equal([(1, 2, 1L), (2, 0, 1L)], matrix.MostConfused(5));
    }

    [Fact]
    public void Macro_and_micro_F1_are_those_that_scikit_learn_documents()
    {
        var matrix = Of(3, [0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1]);
        Assert.Equal(0.26666666, matrix.MacroF1, 1e-7);
        Assert.Equal(0.33333333, matrix.MicroF1, 1e-7);
    }

    [Fact]
    public void A_label_that_never_occurs_has_no_part_in_the_mean_over_labels()
    {
        var matrix = Of(4, [0, 0, 1], [0, 3, 1]);
        Assert.Equal((2.0 / 3 + 1) / 2, matrix.MacroF1, 1e-15);
        Assert.Equal(new ClassMetrics(2, 0, 0, 0, 0, 0), matrix.Classes[2]);
        Assert.Equal(new ClassMetrics(3, 0, 0, 0, 0, 1), matrix.Classes[3]);
    }

    [Fact]
    public void Many_labels_cost_no_more_than_the_examples()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var matrix = Of(50_000, [49_999, 7], [49_999, 8]);
        Assert.Equal([(7, 8, 1L), (49_999, 49_999, 1L)], matrix.Pairs);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void A_label_that_is_none_is_refused()
    {
        var matrix = new ConfusionMatrix(2);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Add(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Add(0, -1));
        Assert.Equal(0, matrix.Examples);
    }

    [Property]
    public bool Pooled_F1_is_the_accuracy_and_the_sums_agree((byte Actual, byte Predicted)[] pairs)
    {
        if (pairs.Length == 0)
            return true;
        var matrix = Of(256, [.. pairs.Select(pair => (int)pair.Actual)], [.. pairs.Select(pair => (int)pair.Predicted)]);
        double accuracy = (double)pairs.Count(pair => pair.Actual == pair.Predicted) / pairs.Length;
        return matrix.Accuracy == accuracy
            && matrix.MicroF1 == accuracy
            && matrix.MacroF1 is >= 0 and <= 1
            && matrix.Classes.Sum(label => label.Support) == pairs.Length
            && matrix.Classes.Sum(label => label.Predicted) == pairs.Length
            && matrix.Pairs.Sum(pair => pair.Count) == pairs.Length
            && matrix.Classes.All(label => label.F1 <= Math.Max(label.Precision, label.Recall) + 1e-12 && label.F1 >= Math.Min(label.Precision, label.Recall) - 1e-12);
    }

    private static ConfusionMatrix Of(int labels, int[] actual, int[] predicted)
    {
        var matrix = new ConfusionMatrix(labels);
        foreach (var (own, given) in actual.Zip(predicted))
            matrix.Add(own, given);
        return matrix;
    }
}
