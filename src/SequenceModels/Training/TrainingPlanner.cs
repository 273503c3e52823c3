using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Text;

namespace SequenceModels.Training;

/// <summary>Makes every choice that a request leaves open, from the size and kind of the data.</summary>
public static class TrainingPlanner
{
    /// <summary>Tokens at most of a sequence that automatic settings keep.</summary>
    private const int LongestAutomaticSequence = 512;
    private const int LeastTextTokens = 32;

    /// <summary>Validations within epochs at most, in all epochs that a run may have.</summary>
    private const long MostValidations = 1_000_000;

    /// <summary>Resolves a request.</summary>
    /// <param name="task">What is to be learned.</param>
    /// <param name="training">The examples to learn from.</param>
    /// <param name="validation">The examples to measure on.</param>
    /// <param name="architecture">The architecture as far as it was chosen; values within their ranges.</param>
    /// <param name="settings">The training settings as far as they were chosen; values within their ranges; the seed must be set.</param>
    /// <param name="threads">Threads that will train; they change nothing but the estimate of the memory.</param>
    /// <param name="start">The model that the run starts from; <c>null</c>: from nothing. It decides vocabulary and most of the architecture.</param>
    /// <returns>A plan, or why the data cannot be learned from and what would be enough.</returns>
    /// <exception cref="ArgumentException">The seed is missing.</exception>
    public static PlanOutcome Resolve(TaskKind task, TrainingData training, TrainingData validation, ArchitectureRequest architecture, TrainingRequest settings, int threads = 1, TrainingBase? start = null)
    {
        if (settings.Seed is null)
            throw new ArgumentException("The seed must be set.", nameof(settings));
        if (start?.RefusalOrNull(task, training, architecture) is { } refusal)
            return Refuse(refusal);
        if (start?.Kind != BaseKind.BaseModel && (settings.GradualUnfreezing is not null || settings.LayerRateDecay is not null))
            return Refuse("training.gradualUnfreezing and training.layerRateDecay are for a classifier that starts from a base model.");
        return task == TaskKind.LanguageModel
            ? LanguageModel(training, validation, architecture, settings, threads, start)
            : Classification(training, validation, architecture, settings, threads, start);
    }

    private static PlanOutcome LanguageModel(TrainingData training, TrainingData validation, ArchitectureRequest asked, TrainingRequest settings, int threads, TrainingBase? start)
    {
        var architecture = start?.Complete(asked) ?? asked;
        if (architecture.Bidirectional == true)
            return Refuse("A language model predicts what follows, so it cannot read backwards: architecture.bidirectional must be false.");
        if (architecture.Pooling is not null)
            return Refuse("A language model tells the next token of every step and does not pool: architecture.pooling must be left out.");
        if (settings.ClassWeights is not null || settings.ClassWeighting is ClassWeighting.Balanced)
            return Refuse("A language model has no labels to weigh: training.classWeights and training.classWeighting are for classification.");
        if (training.GetType() != validation.GetType())
            return Refuse("The validation data must be of the same kind as the training data: both one long text, both lines, or both labelled.");
        bool overLines = training is not TrainingData.ContinuousText;
        var (texts, held) = (TextsOf(training), TextsOf(validation));
        if (overLines && (texts.Count < 2 || held.Count < 1))
            return Refuse($"There are too few lines: {texts.Count} to learn from and {held.Count} to measure on; at least 2 and 1 are needed.");
        var (labels, counts) = training is TrainingData.Labelled labelled ? LabelsOf(labelled, start) : ([], []);
        if (UnknownLabelsOrNull(validation, labels) is { } unknown)
            return Refuse(unknown);

        var kind = architecture.Tokenizer ?? TokenizerKind.Character;
        bool lowerCase = architecture.LowerCase ?? false;
        int minimumCount = architecture.MinimumCount ?? (kind == TokenizerKind.Word ? 2 : 1);
        var tokenizer = start?.TokenizerFor(texts, minimumCount) ?? Tokenizers.Build(kind, texts, lowerCase, minimumCount, overLines);

        long tokens = 0;
        int longest = 0;
        foreach (string text in texts)
        {
            int count = tokenizer.Count(text) + (overLines ? 1 : 0);
            tokens += count;
            longest = Math.Max(longest, count);
        }

        if (!overLines)
        {
            int measured = tokenizer.Count(held[0]);
            if (tokens < LeastTextTokens || measured < 2)
                return Refuse($"The text is too short to learn from: {tokens} tokens to learn from and {measured} to measure on; at least {LeastTextTokens} and 2 are needed{(tokens < LeastTextTokens ? "" : ", which a larger validation.fraction would leave")}.");
        }

        var size = LanguageModelDefaults.For(tokens, overLines, kind);
        var chosen = new ArchitectureSettings
        {
            Cell = architecture.Cell ?? CellKind.Lstm,
            Layers = architecture.Layers ?? size.Layers,
            HiddenSize = architecture.HiddenSize ?? size.HiddenSize,
            EmbeddingSize = architecture.EmbeddingSize ?? size.EmbeddingSize,
            Bidirectional = false,
            Tokenizer = kind,
            LowerCase = lowerCase,
            MinimumCount = minimumCount,
        };
        int length = settings.SequenceLength ?? (overLines ? Math.Min(longest, LongestAutomaticSequence) : size.SequenceLength);
        var run = ChosenSettings.Of(settings, size, length);
        int batches = overLines
            ? (texts.Count + run.BatchSize - 1) / run.BatchSize
            : (int)((tokens - 1) / ((long)StreamBatches.Streams((int)tokens, run.BatchSize, length) * length)) + 1;
        bool table = LanguageModelTask.TablePays(run, tokenizer.Vocabulary.Count);
        chosen = WithLayerOptions(chosen, architecture, size, table) with { TiedEmbeddings = architecture.TiedEmbeddings ?? false };
        long data = TrainingMemory.OfData(training, tokenizer) + TrainingMemory.OfData(validation, tokenizer);
        var memory = new TrainingMemory(TaskKind.LanguageModel, chosen, tokenizer.Vocabulary.Count, labels.Length, continuous: !overLines);
        var numbers = new DataSize { Task = TaskKind.LanguageModel, OverLines = overLines, Kind = kind, Tokens = tokens, Sequences = texts.Count, Longest = longest, Vocabulary = tokenizer.Vocabulary.Count };
        var choices = new AutomaticReasons(numbers, size, start).Of(asked, chosen, settings, run);
        return Plan(TaskKind.LanguageModel, chosen, run, tokenizer, (labels, counts), batches, data + memory.OfRun(run, threads), start, start?.VocabularyOn(tokenizer, texts), choices);
    }

    private static PlanOutcome Classification(TrainingData training, TrainingData validation, ArchitectureRequest asked, TrainingRequest askedRun, int threads, TrainingBase? start)
    {
        var (architecture, settings) = (start?.Complete(asked) ?? asked, askedRun);
        if (training is not TrainingData.Labelled labelled || validation is not TrainingData.Labelled held)
            return Refuse("A classifier learns from labelled texts (format csv, tsv or jsonl with a label); this data set has no labels.");
        if (architecture.TiedEmbeddings == true)
            return Refuse("A classifier's outputs are labels, not tokens, so they have no embedding to share: architecture.tiedEmbeddings must be false.");
        var (labels, counts) = LabelsOf(labelled, start);
        if (labels.Length < 2)
            return Refuse($"There is nothing to tell apart: {(labelled.Items.Count == 1 ? "the 1 example to learn from has" : $"all {labelled.Items.Count} examples to learn from have")} {(labels.Length == 1 ? $"the label '{labels[0]}'" : "no label")}; at least 2 labels are needed, with 1 example or more of each, and 2 of one label unless there is a validation dataset.");
        if (held.Items.Count == 0)
            return Refuse($"There are too few examples: {labelled.Items.Count} of {labels.Length} labels, no label with 2, so that none is left to measure on. At least 2 of one label are needed, or a validation dataset.");
        if (UnknownLabelsOrNull(held, labels) is { } unknown)
            return Refuse(unknown);

        var strange = (settings.ClassWeights?.Keys ?? []).Except(labels, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        if (strange.Length > 0)
            return Refuse($"training.classWeights names labels that the training data lack: {string.Join(", ", strange.Take(10))}. The labels are {string.Join(", ", labels.Take(10))}.");

        var texts = labelled.Items.Select(item => item.Text);
        var kind = architecture.Tokenizer ?? ClassifierDefaults.Tokenizer(labelled.Items);
        bool lowerCase = architecture.LowerCase ?? (kind == TokenizerKind.Word);
        int minimumCount = architecture.MinimumCount ?? ClassifierDefaults.MinimumCount(kind, labelled.Items.Count);
        var tokenizer = start?.TokenizerFor(texts, minimumCount) ?? Tokenizers.Build(kind, texts, lowerCase, minimumCount, withEnd: false);
        int[] lengths = [.. labelled.Items.Select(item => tokenizer.Count(item.Text))];
        int longest = Math.Max(1, lengths.Max());
        var size = ClassifierDefaults.For(labelled.Items.Count, lengths.Average(), kind);
        bool bidirectional = architecture.Bidirectional ?? true;
        var chosen = new ArchitectureSettings
        {
            Cell = architecture.Cell ?? CellKind.Lstm,
            Layers = architecture.Layers ?? size.Layers,
            HiddenSize = architecture.HiddenSize ?? size.HiddenSize,
            EmbeddingSize = architecture.EmbeddingSize ?? size.EmbeddingSize,
            Bidirectional = bidirectional,
            Tokenizer = kind,
            LowerCase = lowerCase,
            MinimumCount = minimumCount,
            Pooling = architecture.Pooling ?? size.Pooling,
        };
        if (start?.Kind == BaseKind.BaseModel)
            (settings, size) = FineTuningDefaults.For(settings, size, chosen.Layers);
        var run = ChosenSettings.Of(settings, size, Math.Min(longest, LongestAutomaticSequence), ChosenSettings.ClassWeights(settings, labels, counts));
        chosen = WithLayerOptions(chosen, architecture, size, inputTable: false);
        long data = TrainingMemory.OfData(training, tokenizer) + TrainingMemory.OfData(validation, tokenizer);
        var memory = new TrainingMemory(TaskKind.Classification, chosen, tokenizer.Vocabulary.Count, labels.Length, continuous: false);
        var numbers = new DataSize
        {
            Task = TaskKind.Classification,
            OverLines = true,
            Kind = kind,
            Tokens = lengths.Sum(length => (long)length),
            Sequences = lengths.Length,
            Longest = longest,
            Vocabulary = tokenizer.Vocabulary.Count,
        };
        var choices = new AutomaticReasons(numbers, size, start).Of(asked, chosen, askedRun, run);
        return Plan(TaskKind.Classification, chosen, run, tokenizer, (labels, counts), (labelled.Items.Count + run.BatchSize - 1) / run.BatchSize, data + memory.OfRun(run, threads), start, start?.VocabularyOn(tokenizer, [.. texts]), choices);
    }

    /// <summary>What is dropped, kept, added and normalised between and in the layers; all of it off unless asked for, but dropout; who chooses that chooses all of it. Where a table of input products pays, embeddings are dropped only when asked for.</summary>
    private static ArchitectureSettings WithLayerOptions(ArchitectureSettings chosen, ArchitectureRequest architecture, AutomaticSettings size, bool inputTable)
    {
        double dropout = architecture.Dropout ?? size.Dropout;
        return chosen with
        {
            Dropout = dropout,
            DropoutKind = architecture.DropoutKind ?? DropoutKind.Standard,
            InputDropout = architecture.InputDropout ?? (inputTable ? 0 : dropout),
            OutputDropout = architecture.OutputDropout ?? dropout,
            EmbeddingDropout = architecture.EmbeddingDropout ?? (architecture.Dropout is null ? size.EmbeddingDropout : 0),
            WeightDropout = architecture.WeightDropout ?? (architecture.Dropout is null ? size.WeightDropout : 0),
            Zoneout = architecture.Zoneout ?? 0,
            Residual = architecture.Residual ?? false,
            LayerNorm = architecture.LayerNorm ?? false,
            LearnedInitialState = architecture.LearnedInitialState ?? false,
        };
    }

    private static PlanOutcome Plan(
        TaskKind task, ArchitectureSettings architecture, TrainingSettings training, ITokenizer tokenizer, (string[] All, Dictionary<string, int> Counts) labels, int batchesPerEpoch, long memoryBytes, TrainingBase? start, BaseVocabulary? vocabulary,
        IReadOnlyList<AutomaticChoice> choices)
    {
        double examples = labels.Counts.Values.Sum();
        int steps = TrainingRun.UpdatesOf(batchesPerEpoch, training.GradientAccumulation);
        if (TooManyValidationsOrNull(training, steps) is { } many)
            return Refuse(many);
        return new PlanOutcome(
            new TrainingPlan
            {
                Task = task,
                Architecture = architecture,
                Training = training,
                Tokenizer = tokenizer,
                Labels = labels.All,
                LabelShares = [.. labels.All.Select(label => labels.Counts[label] / examples)],
                Base = start,
                BaseVocabulary = vocabulary,
                Choices = choices,
                Parameters = NetworkLayout.Count(task, architecture, tokenizer.Vocabulary.Count, labels.All.Length),
                MemoryBytes = memoryBytes + (start?.WeightBytes ?? 0),
                StepsPerEpoch = steps,
            },
            null);
    }

    private static string? TooManyValidationsOrNull(TrainingSettings training, int stepsPerEpoch)
    {
        long steps = (long)training.Epochs * stepsPerEpoch, least = (steps + MostValidations - 1) / MostValidations;
        return training.ValidateEverySteps < least
            ? FormattableString.Invariant($"training.validateEverySteps {training.ValidateEverySteps} would validate {steps / training.ValidateEverySteps:#,0} times in {training.Epochs:#,0} epochs of {stepsPerEpoch:#,0} updates; at most {MostValidations:#,0} times are allowed, so {least} or more is needed.")
            : null;
    }

    /// <summary>The labels in ordinal order and the examples of each; a run that continues keeps those that its data lack.</summary>
    private static (string[] Labels, Dictionary<string, int> Counts) LabelsOf(TrainingData.Labelled data, TrainingBase? start)
    {
        var counts = data.Items.CountBy(item => item.Label, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        if (start?.Kind != BaseKind.ContinueFrom)
            return ([.. counts.Keys.Order(StringComparer.Ordinal)], counts);
        foreach (string label in start.Labels)
            counts.TryAdd(label, 0);
        return ([.. start.Labels], counts);
    }

    private static string? UnknownLabelsOrNull(TrainingData validation, string[] labels)
    {
        if (validation is not TrainingData.Labelled held)
            return null;
        string[] unknown = [.. held.Items.Select(item => item.Label).Distinct(StringComparer.Ordinal).Except(labels, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return unknown.Length == 0 ? null : $"The validation data carry labels that the training data lack: {string.Join(", ", unknown.Take(10))}. At least 1 example to learn from is needed of each; there are examples of {string.Join(", ", labels.Take(10))}.";
    }

    private static IReadOnlyList<string> TextsOf(TrainingData data) => data switch
    {
        TrainingData.Lines lines => lines.Items,
        TrainingData.Labelled labelled => [.. labelled.Items.Select(item => item.Text)],
        TrainingData.ContinuousText text => [text.Text],
        _ => throw new ArgumentException($"There is no text in {data.GetType().Name}.", nameof(data)),
    };

    private static PlanOutcome Refuse(string reason) => new(null, reason);
}
