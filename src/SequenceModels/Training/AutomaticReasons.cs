using System.Globalization;
using SequenceModels.Optimizers;
using SequenceModels.Tasks;

namespace SequenceModels.Training;

/// <summary>Says of every choice that a request left open why it fell as it did. What is chosen and on what evidence: docs/defaults.md.</summary>
/// <param name="data">The numbers of the data.</param>
/// <param name="size">What fits them.</param>
/// <param name="start">The model that the run starts from, or <c>null</c>.</param>
internal sealed class AutomaticReasons(DataSize data, AutomaticSettings size, TrainingBase? start)
{
    private const string Same = "As the version has it that the run starts from.";
    private readonly List<AutomaticChoice> _choices = [];

    private bool Classifies => data.Task == TaskKind.Classification;

    private bool Continues => start?.Kind == BaseKind.ContinueFrom;

    private bool FineTunes => start?.Kind == BaseKind.BaseModel;

    /// <summary>The data, and the class of sizes that it falls into.</summary>
    private string Size => $"{data.InWords()}, {size.Class}";

    /// <summary>All choices, in the order of the answer's members.</summary>
    /// <param name="asked">The architecture as it was asked for.</param>
    /// <param name="architecture">What became of it.</param>
    /// <param name="askedRun">The training as it was asked for.</param>
    /// <param name="run">What became of it.</param>
    public IReadOnlyList<AutomaticChoice> Of(ArchitectureRequest asked, ArchitectureSettings architecture, TrainingRequest askedRun, TrainingSettings run)
    {
        Network(asked, architecture);
        Drops(asked, architecture);
        Options(asked, architecture);
        Reading(asked, architecture);
        Run(askedRun, run);
        Rates(askedRun, run);
        return _choices;
    }

    private void Network(ArchitectureRequest asked, ArchitectureSettings chosen)
    {
        Shared(asked.Cell, "cell", chosen.Cell, "An LSTM unless asked for otherwise: of the cells it learns what lies far back most reliably.");
        Shared(asked.Layers, "layers", chosen.Layers, chosen.Layers == 1 ? $"{Size}: a second layer costs more time than it gains." : $"{Size}: enough for a second layer to gain.");
        Shared(asked.HiddenSize, "hiddenSize", chosen.HiddenSize, $"{Size}: more units learn such data by heart, or take longer than they gain.");
        Shared(asked.EmbeddingSize, "embeddingSize", chosen.EmbeddingSize, string.Create(
            CultureInfo.InvariantCulture, $"{data.Vocabulary:N0} different {data.Unit} in {data.InWords()}: {(data.Kind == TokenizerKind.Word ? "words differ in more ways than characters and need more components" : "characters need few components")}."));
        Shared(asked.Bidirectional, "bidirectional", chosen.Bidirectional, Classifies
            ? "A text is there as a whole when its label is told, so it is read in both directions."
            : "A language model predicts what follows, so it reads forwards only.");
    }

    private void Drops(ArchitectureRequest asked, ArchitectureSettings chosen)
    {
        string follows = Invariant($"That of dropout, {chosen.Dropout}, unless asked for otherwise.");
        string all = asked.Dropout is null ? $"{Size}: " : "Dropout is given, and who chooses it chooses all that is dropped: 0 unless asked for. ";
        Kept(asked.Dropout, "dropout", chosen.Dropout, $"{Size}: so much is dropped to keep the training data from being learned by heart.");
        Kept(asked.DropoutKind, "dropoutKind", chosen.DropoutKind!, "A new mask at each step unless asked for otherwise.");
        Kept(asked.InputDropout, "inputDropout", chosen.InputDropout!, chosen.InputDropout == chosen.Dropout ? follows : Invariant(
            $"{data.Vocabulary:N0} different {data.Unit} are few beside the tokens of a batch, so that their input products are computed once for all; nothing can be dropped from those."));
        Kept(asked.OutputDropout, "outputDropout", chosen.OutputDropout!, follows);
        Kept(asked.EmbeddingDropout, "embeddingDropout", chosen.EmbeddingDropout, asked.Dropout is not null ? all.TrimEnd() : all + (chosen.EmbeddingDropout == 0
            ? "no whole tokens need be dropped."
            : $"a part of the {data.Unit} is dropped whole, so that the network leans on no single one{(Classifies ? "; of long texts more can be spared than of short ones" : "")}."));
        Kept(asked.WeightDropout, "weightDropout", chosen.WeightDropout, asked.Dropout is not null ? all.TrimEnd() : all + (chosen.WeightDropout == 0
            ? "no recurrent weights need be dropped."
            : "recurrent weights are dropped, so that so little is not learned by heart."));
    }

    private void Options(ArchitectureRequest asked, ArchitectureSettings chosen)
    {
        const string Off = "Off unless asked for: it pays with few data only.";
        Shared(asked.Zoneout, "zoneout", chosen.Zoneout, Off);
        Shared(asked.Residual, "residual", chosen.Residual, "Off unless asked for: it pays in deep stacks.");
        Shared(asked.LayerNorm, "layerNorm", chosen.LayerNorm, "Off unless asked for: it pays in deep stacks and at high learning rates.");
        Kept(asked.TiedEmbeddings, "tiedEmbeddings", chosen.TiedEmbeddings, Classifies
            ? "A classifier's outputs are labels, which have no embedding to share."
            : "Off unless asked for: it pays with large vocabularies and networks.");
        Shared(asked.LearnedInitialState, "learnedInitialState", chosen.LearnedInitialState, "Off unless asked for: states that begin at 0 serve as well in nearly all cases.");
    }

    private void Reading(ArchitectureRequest asked, ArchitectureSettings chosen)
    {
        bool words = chosen.Tokenizer == TokenizerKind.Word;
        Shared(asked.Tokenizer, "tokenizer", chosen.Tokenizer, !Classifies
            ? "Characters unless asked for otherwise: then a model can write and read any word."
            : words
                ? $"{data.InWords()}: texts of three words or more are read as words, which say more than characters."
                : $"{data.InWords()}: texts of fewer than three words (names, codes) are read as characters.");
        Shared(asked.LowerCase, "lowerCase", chosen.LowerCase, !Classifies ? "Text is written as it was read."
            : words ? "A word means the same at the beginning of a sentence." : "Between capitals and small letters characters differ.");
        Kept(asked.MinimumCount, "minimumCount", chosen.MinimumCount, !words ? "Every character that the training data has is known."
            : chosen.MinimumCount == 1 ? $"{data.InWords()}: fewer than 200 examples, of which no word can be spared." : $"{data.InWords()}: of words seen once nothing can be learned, and they teach what to do with unknown ones.");
        if (chosen.Pooling is { } pooling)
        {
            Kept(asked.Pooling, "pooling", pooling, FineTunes
                ? "Last, largest and mean outputs together, as a classifier that starts from a language model needs (Howard and Ruder 2018)."
                : words ? "Attention weighs the words that decide." : "The largest output over time finds a telling group of characters wherever it stands.");
        }
    }

    private void Run(TrainingRequest asked, TrainingSettings chosen)
    {
        string tuned = FineTunes ? "A classifier that starts from a language model needs few epochs." : $"{Size}: enough to reach the least validation loss, at which early stopping ends the run.";
        Add(asked.Epochs, "training.epochs", chosen.Epochs, tuned);
        Add(asked.BatchSize, "training.batchSize", chosen.BatchSize, $"{Size}: small batches learn more from few data, large ones take less time.");
        Add(asked.SequenceLength, "training.sequenceLength", chosen.SequenceLength, !data.OverLines
            ? "Chunks of so many steps of one long text: longer ones gain little."
            : Invariant($"The longest of {data.Sequences:N0} {(Classifies ? "texts" : "lines")} has {data.Longest:N0} {data.Unit}{(Classifies ? "" : ", its end counted")}{(data.Longest > chosen.SequenceLength ? $"; what is beyond {chosen.SequenceLength} is cut off, to bound memory and time" : "")}."));
        Add(asked.GradientAccumulation, "training.gradientAccumulation", chosen.GradientAccumulation, "Each batch makes an update unless asked for otherwise: batches of this size fit into memory.");
        Add(asked.EarlyStoppingPatience, "training.earlyStoppingPatience", chosen.EarlyStoppingPatience, FineTunes
            ? "The schedule has its best weights at its end, so that all epochs are waited for."
            : $"{Size}: with fewer data the validation loss is more ragged and waited for longer{(chosen.EarlyStoppingPatience > size.Patience ? ", and optimizer or schedule wait for such epochs before they act" : "")}.");
    }

    private void Rates(TrainingRequest asked, TrainingSettings chosen)
    {
        Add(asked.Optimizer, "training.optimizer", chosen.Optimizer.Rule, "Adam unless asked for otherwise: its learning rate depends least on the data.");
        if (asked.RangeTest is null)
        {
            Add(asked.LearningRate, "training.learningRate", chosen.LearningRate, FineTunes
                ? "A classifier that starts from a language model learns at this rate without losing what the model knows."
                : $"{Size}: {(chosen.Optimizer.Rule == UpdateRule.Adam ? "fewer data bear larger steps" : "what Adam would have, turned into a rate of this optimizer")}.");
        }

        Add(asked.Schedule, "training.schedule.kind", chosen.Schedule.Kind, FineTunes
            ? "One cycle with a short rise keeps what the language model has learned (Howard and Ruder 2018)."
            : "The rate stays as it is unless asked for otherwise: early stopping ends the run.");
        Add(asked.GradientClipNorm, "training.gradientClipNorm", chosen.GradientClipNorm, "High enough to leave ordinary gradients alone, and low enough to keep a burst from ruining the run.");
        const string Off = "Off unless asked for.";
        Add(asked.ActivationRegularization, "training.activationRegularization", chosen.ActivationRegularization, Off);
        Add(asked.TemporalActivationRegularization, "training.temporalActivationRegularization", chosen.TemporalActivationRegularization, Off);
        Add(asked.LabelSmoothing, "training.labelSmoothing", chosen.LabelSmoothing, Off);
        if (chosen.GradualUnfreezing is { } wait)
            Add(asked.GradualUnfreezing, "training.gradualUnfreezing", wait, "The layers of the language model learn one after the other from the output down, so that none forgets before the new ones know anything.");
        if (chosen.LayerRateDecay is { } decay)
            Add(asked.LayerRateDecay, "training.layerRateDecay", decay, "All layers learn at one rate: lower ones for lower layers gained nothing where it was measured.");
    }

    /// <summary>A member of the network that a base decides, whatever it serves for.</summary>
    private void Shared(object? asked, string member, object chosen, string reason) => Add(asked, "architecture." + member, chosen, start is null ? reason : Same);

    /// <summary>A member of the network that a base decides only where it is trained on.</summary>
    private void Kept(object? asked, string member, object chosen, string reason) => Add(asked, "architecture." + member, chosen, Continues ? Same : reason);

    private void Add(object? asked, string member, object chosen, string reason)
    {
        if (asked is null)
            _choices.Add(new AutomaticChoice(member, chosen, reason));
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
