using SequenceModels.Data;
using SequenceModels.Serialization;
using SequenceModels.Training;

namespace SequenceModels.Tasks;

/// <content>Training, loading and classifying in one call each.</content>
public sealed unsafe partial class SequenceClassifier
{
    /// <summary>Trains on labelled texts.</summary>
    /// <param name="examples">The texts and their labels: at least two labels.</param>
    /// <param name="options">How; <c>null</c>: everything is chosen from the data.</param>
    /// <param name="cancellationToken">Ends the run within one batch.</param>
    /// <returns>The model of the best epoch, to be disposed of by the caller.</returns>
    /// <exception cref="ArgumentException">The data cannot be learned from, or an option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="TrainingDivergedException">No epoch gave a finite validation loss.</exception>
    public static SequenceClassifier Train(IReadOnlyList<LabelledText> examples, TrainOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        for (int i = 0; i < examples.Count; i++)
        {
            if (string.IsNullOrEmpty(examples[i].Text) || string.IsNullOrEmpty(examples[i].Label))
                throw new ArgumentException($"Example {i} has no {(string.IsNullOrEmpty(examples[i].Text) ? "text" : "label")}.", nameof(examples));
        }

        return (SequenceClassifier)ModelTraining.Train(TaskKind.Classification, new TrainingData.Labelled(examples), options ?? new TrainOptions(), cancellationToken);
    }

    /// <summary>Reads a model that <see cref="SequenceModel.Save"/> wrote, or the files of a version that the service trained.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="precision">How to keep the weights of the products.</param>
    /// <returns>The model, to be disposed of by the caller.</returns>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The folder holds no classifier, or a file is not well-formed; the message names it.</exception>
    public static SequenceClassifier Load(string folder, WeightPrecision precision = WeightPrecision.Float32) =>
        (SequenceClassifier)ModelFolder.Load(folder, TaskKind.Classification, precision);

    /// <summary>Labels a text.</summary>
    /// <param name="text">The text; an empty one is read as one unknown token.</param>
    /// <returns>The most probable label, and the probability of each.</returns>
    public Classification Classify(string text) => Classify([text], CancellationToken.None)[0];
}
