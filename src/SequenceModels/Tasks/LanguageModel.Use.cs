using SequenceModels.Data;
using SequenceModels.Sampling;
using SequenceModels.Serialization;
using SequenceModels.Training;

namespace SequenceModels.Tasks;

/// <content>Training, loading, sampling and scoring in one call each.</content>
public sealed partial class LanguageModel
{
    /// <summary>Trains on independent sequences: names, titles, log lines. Each begins anew and ends with an end mark.</summary>
    /// <param name="lines">The sequences, none empty.</param>
    /// <param name="options">How; <c>null</c>: everything is chosen from the data.</param>
    /// <param name="cancellationToken">Ends the run within one batch.</param>
    /// <returns>The model of the best epoch, to be disposed of by the caller.</returns>
    /// <exception cref="ArgumentException">The data cannot be learned from, or an option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">No epoch gave a finite validation loss.</exception>
    public static LanguageModel Train(IReadOnlyList<string> lines, TrainOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lines);
        for (int i = 0; i < lines.Count; i++)
        {
            if (string.IsNullOrEmpty(lines[i]))
                throw new ArgumentException($"Line {i} is empty; a line has one character or more.", nameof(lines));
        }

        return Train(new TrainingData.Lines(lines), options, cancellationToken);
    }

    /// <summary>Trains on one long text, read from its first character to its last; its end is measured on.</summary>
    /// <param name="text">The text.</param>
    /// <param name="options">How; <c>null</c>: everything is chosen from the data.</param>
    /// <param name="cancellationToken">Ends the run within one batch.</param>
    /// <returns>The model of the best epoch, to be disposed of by the caller.</returns>
    /// <exception cref="ArgumentException">The data cannot be learned from, or an option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">No epoch gave a finite validation loss.</exception>
    public static LanguageModel Train(string text, TrainOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Train(new TrainingData.ContinuousText(text), options, cancellationToken);
    }

    /// <summary>Trains on examples that <see cref="DatasetReader"/> read.</summary>
    /// <param name="data">The examples, of a kind that language models learn from.</param>
    /// <param name="options">How; <c>null</c>: everything is chosen from the data.</param>
    /// <param name="cancellationToken">Ends the run within one batch.</param>
    /// <returns>The model of the best epoch, to be disposed of by the caller.</returns>
    /// <exception cref="ArgumentException">The data cannot be learned from, or an option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">No epoch gave a finite validation loss.</exception>
    public static LanguageModel Train(TrainingData data, TrainOptions? options = null, CancellationToken cancellationToken = default) =>
        (LanguageModel)ModelTraining.Train(TaskKind.LanguageModel, data, options ?? new TrainOptions(), cancellationToken);

    /// <summary>Reads a model that <see cref="SequenceModel.Save"/> wrote, or the files of a version that the service trained.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="precision">How to keep the weights of the products.</param>
    /// <returns>The model, to be disposed of by the caller.</returns>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The folder holds no language model, or a file is not well-formed; the message names it.</exception>
    public static LanguageModel Load(string folder, WeightPrecision precision = WeightPrecision.Float32) =>
        (LanguageModel)ModelFolder.Load(folder, TaskKind.LanguageModel, precision);

    /// <summary>Draws texts. A text depends on the model, the prompt, the settings and its number alone.</summary>
    /// <param name="count">Texts to draw, 1..256.</param>
    /// <param name="settings">How to draw; <c>null</c>: temperature 1, nothing filtered, seed 0. Its <see cref="SamplingSettings.Choices"/> are <paramref name="count"/>.</param>
    /// <param name="prompt">The text to go on from; empty for a new one.</param>
    /// <param name="cancellationToken">Looked at before each token.</param>
    /// <returns>The texts, without the prompt.</returns>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<GeneratedText> Sample(int count = 1, SamplingSettings? settings = null, string prompt = "", CancellationToken cancellationToken = default) =>
        TextGenerator.Generate(CreateStepper, Tokenizer, StartToken, prompt, (settings ?? new SamplingSettings()) with { Choices = count }, cancellationToken);

    /// <summary>How probable the model holds a text, token by token.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Looked at before each token.</param>
    /// <returns>Log-probability, rank and entropy of each token.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ScoredText Score(string text, CancellationToken cancellationToken = default) => TextScorer.Score(CreateStepper, Tokenizer, StartToken, [text], cancellationToken)[0];

    /// <summary>Draws texts of a label from a conditional model.</summary>
    /// <param name="label">One of <see cref="SequenceModel.Labels"/>.</param>
    /// <param name="count">Texts to draw, 1..256.</param>
    /// <param name="settings">How to draw, as in <see cref="Sample(int, SamplingSettings?, string, CancellationToken)"/>.</param>
    /// <param name="prompt">The text to go on from; empty for a new one.</param>
    /// <param name="cancellationToken">Looked at before each token.</param>
    /// <returns>The texts, without the prompt.</returns>
    /// <exception cref="ArgumentException">The model has no such label, or a setting is out of its range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<GeneratedText> Sample(string label, int count = 1, SamplingSettings? settings = null, string prompt = "", CancellationToken cancellationToken = default)
    {
        int number = NumberOf(label);
        return TextGenerator.Generate(rows => CreateStepper([.. Enumerable.Repeat(number, rows)]), Tokenizer, StartToken, prompt, (settings ?? new SamplingSettings()) with { Choices = count }, cancellationToken);
    }

    /// <summary>How probable a conditional model holds a text under a label, token by token.</summary>
    /// <param name="label">One of <see cref="SequenceModel.Labels"/>.</param>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Looked at before each token.</param>
    /// <returns>Log-probability, rank and entropy of each token.</returns>
    /// <exception cref="ArgumentException">The model has no such label.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ScoredText Score(string label, string text, CancellationToken cancellationToken = default)
    {
        int number = NumberOf(label);
        return TextScorer.Score(rows => CreateStepper([.. Enumerable.Repeat(number, rows)]), Tokenizer, StartToken, [text], cancellationToken)[0];
    }

    private int NumberOf(string label)
    {
        for (int i = 0; i < Labels.Count; i++)
        {
            if (Labels[i] == label)
                return i;
        }

        throw new ArgumentException($"The model has no label '{label}'; it has {string.Join(", ", Labels.Take(10))}.", nameof(label));
    }
}
