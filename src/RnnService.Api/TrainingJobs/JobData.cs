using System.Text;
using RnnService.Api.Models;
using SequenceModels.Data;

namespace RnnService.Api.TrainingJobs;

/// <summary>What a job learns from and what it measures on.</summary>
/// <param name="Training">To learn from.</param>
/// <param name="Validation">To measure on.</param>
/// <param name="Method">How the second was chosen, as in <see cref="SplitSummary.Method"/>.</param>
public sealed record JobData(TrainingData Training, TrainingData Validation, string Method)
{
    /// <summary>Splits the data by a fraction, or takes the validation data that is given.</summary>
    public static JobData Of(TrainingData data, TrainingData? validation, double fraction, long seed)
    {
        if (validation is not null)
            return new JobData(data, validation, "given");
        var (training, held) = DataSplitter.Split(data, fraction, seed);
        string method = data switch
        {
            TrainingData.ContinuousText => "contiguous",
            TrainingData.Labelled => "stratified",
            _ => "shuffled",
        };
        return new JobData(training, held, method);
    }

    /// <summary>What the manifest says of the split.</summary>
    public SplitSummary Summary(JobPlan plan) => new()
    {
        ValidationFraction = plan.ValidationFraction,
        ValidationDataset = plan.ValidationDataset is { } own ? new DatasetIdentity { Name = own.Name, Sha256 = own.Sha256 } : null,
        Method = Method,
        TrainingSequences = Sequences(Training),
        ValidationSequences = Sequences(Validation),
        TrainingCharacters = Texts(Training).Sum(Characters),
        ValidationCharacters = Texts(Validation).Sum(Characters),
    };

    private static long Sequences(TrainingData data) => data switch
    {
        TrainingData.Lines lines => lines.Items.Count,
        TrainingData.Labelled labelled => labelled.Items.Count,
        _ => 1,
    };

    private static IEnumerable<string> Texts(TrainingData data) => data switch
    {
        TrainingData.ContinuousText text => [text.Text],
        TrainingData.Lines lines => lines.Items,
        TrainingData.Labelled labelled => labelled.Items.Select(item => item.Text),
        _ => throw new NotSupportedException($"There is no text in {data.GetType().Name}."),
    };

    /// <summary>Unicode scalar values.</summary>
    private static long Characters(string text)
    {
        long count = 0;
        foreach (Rune _ in text.EnumerateRunes())
            count++;
        return count;
    }
}
