using FsCheck.Xunit;
using SequenceModels.Evaluation;

namespace SequenceModels.Tests.Evaluation;

public sealed class ProbabilityTests
{
    private static readonly double[] s_mail = [0.1, 0.9, 0.9, 0.1, 0.8, 0.2, 0.35, 0.65];

    [Fact]
    public void Log_loss_and_Brier_s_score_are_those_that_scikit_learn_documents()
    {
        // Columns ham, spam; the mails are spam, ham, ham, spam.
        Assert.Equal(0.21616187, ProbabilityScores.LogLoss(s_mail, [1, 0, 0, 1], 2), 1e-8);

        // brier_score_loss([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]) is 0.0375 over one label; over both it is twice that.
        Assert.Equal(2 * 0.0375, ProbabilityScores.Brier([0.9, 0.1, 0.1, 0.9, 0.2, 0.8, 0.7, 0.3], [0, 1, 1, 0], 2), 1e-15);
    }

    [Fact]
    public void Three_labels_by_hand()
    {
        double[] probabilities = [0.5, 0.25, 0.25, 0.1, 0.2, 0.7];
        Assert.Equal(-(Math.Log(0.5) + Math.Log(0.2)) / 2, ProbabilityScores.LogLoss(probabilities, [0, 1], 3), 1e-14);
        Assert.Equal((0.25 + 0.0625 + 0.0625 + 0.01 + 0.64 + 0.49) / 2, ProbabilityScores.Brier(probabilities, [0, 1], 3), 1e-15);
    }

    [Fact]
    public void What_was_called_impossible_costs_much_and_certainty_costs_nothing()
    {
        Assert.Equal(-Math.Log(1e-15), ProbabilityScores.LogLoss([0, 1], [0], 2), 1e-12);
        Assert.Equal(2, ProbabilityScores.Brier([0, 1], [0], 2));
        Assert.Equal(0, ProbabilityScores.LogLoss([1, 0], [0], 2));
        Assert.Equal(0, ProbabilityScores.Brier([1, 0], [0], 2));
        Assert.Throws<ArgumentException>(() => ProbabilityScores.Brier([1, 0, 0], [0], 2));
    }

    [Fact]
    public void Calibration_error_by_hand()
    {
        // Four at 0.9, three of them right; two at 0.6, one right: (4 x 0.15 + 2 x 0.1) / 6.
        var table = new ReliabilityTable();
        foreach (bool right in new[] { true, true, true, false })
            table.Add(0.9, right);
        table.Add(0.6, true);
        table.Add(0.6, false);
        Assert.Equal(0.8 / 6, table.ExpectedCalibrationError, 1e-15);
        Assert.Equal(15, table.Bins.Count);
        var used = table.Bins.Where(bin => bin.Count > 0).ToList();
        Assert.Equal([2L, 4L], used.Select(bin => bin.Count));
        Assert.Equal([0.5, 0.75], used.Select(bin => bin.Accuracy));
        Assert.Equal(0.9, used[1].MeanConfidence, 1e-15);
        Assert.True(double.IsNaN(table.Bins[0].Accuracy));
    }

    [Fact]
    public void Bins_are_open_below_and_closed_above()
    {
        var table = new ReliabilityTable(4);
        foreach (double confidence in new[] { 0, 0.25, 0.250001, 0.5, 1 })
            table.Add(confidence, true);
        Assert.Equal([2L, 2L, 0L, 1L], table.Bins.Select(bin => bin.Count));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Add(1.1, true));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Add(double.NaN, true));
    }

    [Property]
    public bool Calibration_error_lies_between_0_and_1_and_above_the_error_of_all_together((ushort Confidence, bool Right)[] rows)
    {
        if (rows.Length == 0)
            return true;
        var table = new ReliabilityTable();
        foreach (var (confidence, right) in rows)
            table.Add(confidence / (double)ushort.MaxValue, right);
        double together = Math.Abs(rows.Average(row => row.Confidence / (double)ushort.MaxValue) - rows.Count(row => row.Right) / (double)rows.Length);
        return table.ExpectedCalibrationError is >= 0 and <= 1 && table.ExpectedCalibrationError >= together - 1e-12 && table.Bins.Sum(bin => bin.Count) == rows.Length;
    }
}
