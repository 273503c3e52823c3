using SequenceModels.Data;
using SequenceModels.Serialization;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Text;

namespace SequenceModels.Training;

/// <summary>What a run takes over from a model.</summary>
public enum BaseKind
{
    /// <summary>A classifier takes embedding and recurrent layers of a language model; its head, and rows of new words, begin anew (Howard and Ruder 2018).</summary>
    BaseModel,

    /// <summary>The same network is trained on: architecture, vocabulary, labels and all weights stay.</summary>
    ContinueFrom,
}

/// <summary>A member of a requested architecture that is not what the base has.</summary>
/// <param name="Member">The member, as <c>hiddenSize</c>.</param>
/// <param name="Given">What was asked for.</param>
/// <param name="Base">What the base has.</param>
public readonly record struct BaseContradiction(string Member, object Given, object? Base);

/// <summary>A trained model as the start of another run. Without weights it serves for planning alone.</summary>
public sealed class TrainingBase : IDisposable
{
    private readonly ParameterSet? _parameters;

    private TrainingBase(BaseKind kind, TaskKind task, ArchitectureSettings architecture, ITokenizer tokenizer, IReadOnlyList<string> labels, ParameterSet? parameters) =>
        (Kind, Task, Architecture, Tokenizer, Labels, _parameters) = (kind, task, architecture, tokenizer, labels, parameters);

    /// <summary>What is taken over.</summary>
    public BaseKind Kind { get; }

    /// <summary>What the base has learned.</summary>
    public TaskKind Task { get; }

    /// <summary>The base's network.</summary>
    public ArchitectureSettings Architecture { get; }

    /// <summary>The base's vocabulary.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>The base's labels; empty for an unconditional language model.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Bytes of the base's weights while a run holds them.</summary>
    internal long WeightBytes => sizeof(float) * NetworkLayout.PaddedLength(Task, Architecture, Tokenizer.Vocabulary.Count, Labels.Count);

    /// <summary>A base to plan with.</summary>
    /// <param name="kind">What is taken over.</param>
    /// <param name="task">What the base has learned.</param>
    /// <param name="architecture">Its network.</param>
    /// <param name="tokenizer">Its vocabulary.</param>
    /// <param name="labels">Its labels.</param>
    /// <returns>A base without weights.</returns>
    public static TrainingBase WithoutWeights(BaseKind kind, TaskKind task, ArchitectureSettings architecture, ITokenizer tokenizer, IReadOnlyList<string> labels) =>
        new(kind, task, architecture, tokenizer, labels, null);

    /// <summary>A base to plan and to train with.</summary>
    /// <param name="kind">What is taken over.</param>
    /// <param name="task">What the base has learned.</param>
    /// <param name="architecture">Its network.</param>
    /// <param name="tokenizer">Its vocabulary.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="weights">Its safetensors file.</param>
    /// <returns>The base, to be disposed of by the caller.</returns>
    /// <exception cref="SafetensorsException">The file is not well-formed, or its tensors are not this network's.</exception>
    /// <exception cref="InvalidDataException">A value is not finite: nothing can be learned from there.</exception>
    public static TrainingBase Load(BaseKind kind, TaskKind task, ArchitectureSettings architecture, ITokenizer tokenizer, IReadOnlyList<string> labels, Stream weights)
    {
        var parameters = NetworkLayout.Create(task, architecture, tokenizer.Vocabulary.Count, labels.Count);
        try
        {
            SafetensorsReader.ReadInto(parameters, weights, StateDictNames.Same);
            if (parameters.Parameters.FirstOrDefault(parameter => !parameter.IsFinite) is { } wrong)
                throw new InvalidDataException($"'{wrong.Name}' has a value that is not finite: these are not the weights of a trained model.");
            return new TrainingBase(kind, task, architecture, tokenizer, labels, parameters);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>A base with a copy of a model's weights.</summary>
    /// <param name="kind">What is taken over.</param>
    /// <param name="model">The model.</param>
    /// <returns>The base, to be disposed of by the caller.</returns>
    public static TrainingBase Of(BaseKind kind, SequenceModel model)
    {
        var copy = NetworkLayout.Create(model.Task, model.Architecture, model.Tokenizer.Vocabulary.Count, model.Labels.Count);
        unsafe
        {
            Memory.Copy(model.Parameters.Values.Pointer, copy.Values.Pointer, copy.Values.Length);
        }

        return new TrainingBase(kind, model.Task, model.Architecture, model.Tokenizer, model.Labels, copy);
    }

    /// <summary>Members of an architecture that were chosen and are not the base's. What is only done while training (dropout of all kinds) may differ.</summary>
    /// <param name="request">The architecture as far as it was chosen.</param>
    /// <returns>All contradictions.</returns>
    public IReadOnlyList<BaseContradiction> Contradictions(ArchitectureRequest request)
    {
        var own = Architecture;
        var found = new List<BaseContradiction>();
        void Compare<T>(string member, T? given, T? has)
            where T : struct
        {
            if (given is { } value && !value.Equals(has))
                found.Add(new(member, value, has));
        }

        Compare("cell", request.Cell, own.Cell);
        Compare("layers", request.Layers, own.Layers);
        Compare("hiddenSize", request.HiddenSize, own.HiddenSize);
        Compare("embeddingSize", request.EmbeddingSize, own.EmbeddingSize);
        Compare("bidirectional", request.Bidirectional, own.Bidirectional);
        Compare("zoneout", request.Zoneout, own.Zoneout);
        Compare("residual", request.Residual, own.Residual);
        Compare("layerNorm", request.LayerNorm, own.LayerNorm);
        Compare("learnedInitialState", request.LearnedInitialState, own.LearnedInitialState);
        Compare("tokenizer", request.Tokenizer, own.Tokenizer);
        Compare("lowerCase", request.LowerCase, own.LowerCase);
        if (Kind == BaseKind.BaseModel)
            return found;
        Compare("tiedEmbeddings", request.TiedEmbeddings, own.TiedEmbeddings);
        Compare("pooling", request.Pooling, own.Pooling);
        Compare("minimumCount", request.MinimumCount, own.MinimumCount);
        return found;
    }

    /// <summary>Why a run cannot start from this base, whatever its data; <c>null</c> when it can.</summary>
    internal string? RefusalOrNull(TaskKind task, TrainingData training, ArchitectureRequest request)
    {
        if (Kind == BaseKind.ContinueFrom && task != Task)
            return $"A run that continues keeps its task: the base has learned {Task}, not {task}.";
        if (Kind == BaseKind.BaseModel && (task, Task) != (TaskKind.Classification, TaskKind.LanguageModel))
            return "A base model is a language model that a classifier starts from.";
        if (Kind == BaseKind.BaseModel && Labels.Count > 0)
            return "The base is a language model that reads a label beside each token, which is what a classifier is to tell: it can only start from one without labels.";
        if (Contradictions(request) is [var first, ..])
            return $"architecture.{first.Member} must be the base's: given {first.Given}, it has {first.Base}.";
        if (Kind == BaseKind.BaseModel)
            return null;
        if (task == TaskKind.LanguageModel && training is TrainingData.ContinuousText != Tokenizer.Vocabulary.End is null)
            return $"The base has learned from {(Tokenizer.Vocabulary.End is null ? "one long text" : "lines")}, and this data is of another kind.";
        if (task == TaskKind.LanguageModel && training is TrainingData.Labelled != Labels.Count > 0)
            return Labels.Count > 0 ? "The base is a language model of labelled lines, and this data has no labels." : "The base is a language model of lines without labels, and this data is labelled.";
        string[] unknown = training is TrainingData.Labelled labelled
            ? [.. labelled.Items.Select(item => item.Label).Distinct(StringComparer.Ordinal).Except(Labels, StringComparer.Ordinal).Order(StringComparer.Ordinal)]
            : [];
        return unknown.Length == 0 ? null : $"The data carry labels that the base does not know: {Shown(unknown)}. It knows {Shown(Labels)}.";
    }

    /// <summary>The request with what the base decides; what is only done while training is the base's where a run continues.</summary>
    internal ArchitectureRequest Complete(ArchitectureRequest request)
    {
        var shared = request with
        {
            Cell = Architecture.Cell,
            Layers = Architecture.Layers,
            HiddenSize = Architecture.HiddenSize,
            EmbeddingSize = Architecture.EmbeddingSize,
            Bidirectional = Architecture.Bidirectional,
            Zoneout = Architecture.Zoneout,
            Residual = Architecture.Residual,
            LayerNorm = Architecture.LayerNorm,
            LearnedInitialState = Architecture.LearnedInitialState,
            Tokenizer = Architecture.Tokenizer,
            LowerCase = Architecture.LowerCase,
        };
        return Kind == BaseKind.BaseModel ? shared with { Pooling = request.Pooling ?? PoolingKind.Concat } : shared with
        {
            TiedEmbeddings = Architecture.TiedEmbeddings,
            Pooling = Architecture.Pooling,
            MinimumCount = Architecture.MinimumCount,
            Dropout = request.Dropout ?? Architecture.Dropout,
            DropoutKind = request.DropoutKind ?? Architecture.DropoutKind,
            InputDropout = request.InputDropout ?? Architecture.InputDropout,
            OutputDropout = request.OutputDropout ?? Architecture.OutputDropout,
            EmbeddingDropout = request.EmbeddingDropout ?? Architecture.EmbeddingDropout,
            WeightDropout = request.WeightDropout ?? Architecture.WeightDropout,
        };
    }

    /// <summary>The vocabulary of the run: the base's, and for a classifier behind it the tokens that only its own texts have.</summary>
    internal ITokenizer TokenizerFor(IEnumerable<string> texts, int minimumCount) =>
        Kind == BaseKind.ContinueFrom ? Tokenizer : Tokenizers.Extend(Tokenizer, texts, minimumCount, withEnd: false);

    /// <summary>What becomes of the base's vocabulary where a run has <paramref name="tokenizer"/>.</summary>
    internal BaseVocabulary VocabularyOn(ITokenizer tokenizer, IReadOnlyList<string> texts)
    {
        long tokens = 0, unknown = 0;
        foreach (string text in texts)
        {
            int[] encoded = tokenizer.Encode(text);
            (tokens, unknown) = (tokens + encoded.Length, unknown + encoded.Count(token => token == Vocabulary.Unknown));
        }

        int kept = Tokenizer.Vocabulary.Count - Tokenizer.Vocabulary.SpecialCount, all = tokenizer.Vocabulary.Count - tokenizer.Vocabulary.SpecialCount;
        int different = unknown == 0 ? 0 : Tokenizers.Extend(tokenizer, texts, minimumCount: 1, withEnd: false, int.MaxValue).Vocabulary.Count - 1 - all;
        return new BaseVocabulary(kept, all - kept, tokens, unknown, different);
    }

    /// <summary>Standard deviation of the base's embeddings, for rows of new tokens.</summary>
    internal double EmbeddingDeviation()
    {
        double sum = 0;
        var values = Weights["embedding.weight"].Values;
        foreach (float value in values)
            sum += (double)value * value;
        return Math.Sqrt(sum / values.Length);
    }

    /// <summary>The weights, as a file.</summary>
    internal void WriteWeights(Stream destination) => SafetensorsWriter.Write(Weights, destination);

    /// <summary>Overwrites what the base has too: all parameters, or embedding and recurrent layers, token by token.</summary>
    internal void CopyTo(ParameterSet parameters, Vocabulary vocabulary)
    {
        foreach (var parameter in parameters.Parameters)
        {
            if (Kind == BaseKind.ContinueFrom)
                Weights[parameter.Name].Values.CopyTo(parameter.Values);
            else if (parameter.Name == "embedding.weight")
                CopyRows(parameter, vocabulary);
            else if (LayerGroups.DepthOf(parameter.Name, Architecture.Layers) > 0)
                Weights[parameter.Name].Values.CopyTo(parameter.Values);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _parameters?.Dispose();

    private ParameterSet Weights => _parameters ?? throw new InvalidOperationException("The base has no weights: it is for planning alone.");

    private static string Shown(IEnumerable<string> labels) => string.Join(", ", labels.Take(10));

    private void CopyRows(Parameter embedding, Vocabulary vocabulary)
    {
        int size = embedding.Shape[1];
        var rows = Weights["embedding.weight"].Values;
        for (int token = 0; token < vocabulary.Count; token++)
        {
            int old = token < vocabulary.SpecialCount ? token : Tokenizer.Vocabulary.IdOrUnknown(vocabulary.Tokens[token]);
            if (old != Vocabulary.Unknown || token == Vocabulary.Unknown)
                rows.Slice(old * size, size).CopyTo(embedding.Values[(token * size)..]);
        }
    }
}
