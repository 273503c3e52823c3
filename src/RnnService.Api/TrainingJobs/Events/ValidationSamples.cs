using System.Globalization;
using SequenceModels.Data;
using SequenceModels.Sampling;
using SequenceModels.Tasks;

namespace RnnService.Api.TrainingJobs.Events;

/// <summary>The data of a sample of a language model.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">Updates done.</param>
/// <param name="Seed">The seed of the sample, the same at each validation: what changes is the model.</param>
/// <param name="Text">What the model wrote.</param>
/// <param name="Label">The label that it wrote it under, each in turn; null for a model without labels.</param>
internal sealed record TextSample(int Epoch, long Step, long Seed, string Text, string? Label = null);

/// <summary>The data of a sample of a classifier.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">Updates done.</param>
/// <param name="Examined">Validation examples that were looked at.</param>
/// <param name="Worst">Those whose own label the model held for least probable, the worst first.</param>
internal sealed record WorstExamples(int Epoch, long Step, int Examined, IReadOnlyList<WorstExample> Worst);

/// <summary>An example that the model gets wrong, or right only by a little.</summary>
/// <param name="Text">Its beginning.</param>
/// <param name="Label">Its label.</param>
/// <param name="Predicted">The label that the model gives it.</param>
/// <param name="Probability">What the model makes of its own label.</param>
internal sealed record WorstExample(string Text, string Label, string Predicted, double Probability);

/// <summary>Shows what a model makes of its task in the midst of training: a text of its own, or the held-out examples that it gets most wrong.</summary>
internal static class ValidationSamples
{
    private const int Tokens = 120;
    private const double Temperature = 0.8;
    private const int MostExamined = 256;
    private const int MostShown = 5;
    private const int ShownCharacters = 200;

    /// <summary>A sample in words and as data; <c>null</c> where the task has none.</summary>
    public static (string Message, object Data)? OfOrNull(SequenceModel model, int epoch, long step, TrainingData validation, long seed, CancellationToken cancellationToken) => model switch
    {
        LanguageModel language => OfText(language, epoch, step, seed, cancellationToken),
        SequenceClassifier classifier when validation is TrainingData.Labelled labelled => OfExamples(classifier, epoch, step, labelled.Items, cancellationToken),
        _ => null,
    };

    private static (string Message, object Data) OfText(LanguageModel model, int epoch, long step, long seed, CancellationToken cancellationToken)
    {
        var settings = new SamplingSettings { MaxTokens = Tokens, Temperature = Temperature, Seed = seed };
        int label = model.IsConditional ? (epoch - 1) % model.Labels.Count : 0;
        var drawn = TextGenerator.Generate(rows => model.IsConditional ? model.CreateStepper([.. Enumerable.Repeat(label, rows)]) : model.CreateStepper(rows), model.Tokenizer, model.StartToken, "", settings, null, cancellationToken);
        string? named = model.IsConditional ? model.Labels[label] : null;
        return (
            $"After epoch {epoch.ToString(CultureInfo.InvariantCulture)} the model writes{(named is null ? "" : $" under '{named}'")}: {drawn[0].Text}",
            new TextSample(epoch, step, seed, drawn[0].Text, named));
    }

    private static (string Message, object Data) OfExamples(SequenceClassifier model, int epoch, long step, IReadOnlyList<LabelledText> examples, CancellationToken cancellationToken)
    {
        int count = Math.Min(examples.Count, MostExamined);
        LabelledText[] examined = [.. Enumerable.Range(0, count).Select(i => examples[(int)((long)i * examples.Count / count)])];
        var found = model.Classify([.. examined.Select(example => example.Text)], cancellationToken);
        WorstExample[] worst = [.. examined.Zip(found)
            .Select(pair => new WorstExample(Beginning(pair.First.Text), pair.First.Label, pair.Second.Label, pair.Second.Probabilities[pair.First.Label]))
            .OrderBy(example => example.Probability).Take(MostShown)];
        string message = worst.Length == 0 ? "There are no examples to look at." : string.Create(
            CultureInfo.InvariantCulture, $"Most wrong after epoch {epoch}: '{worst[0].Text}' is {worst[0].Label}, which the model gives a probability of {worst[0].Probability:F3}.");
        return (message, new WorstExamples(epoch, step, count, worst));
    }

    private static string Beginning(string text)
    {
        if (text.Length <= ShownCharacters)
            return text;
        int end = char.IsHighSurrogate(text[ShownCharacters - 1]) ? ShownCharacters - 1 : ShownCharacters;
        return text[..end] + "…";
    }
}
