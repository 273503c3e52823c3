using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using SequenceModels.Tasks;
using SequenceModels.Text;

namespace SequenceModels.Serialization.Onnx;

/// <summary>
/// Writes models as ONNX files (https://onnx.ai; docs/file-formats.md): the network for inference, without dropout. Nothing of time, name or place goes into a file: equal models give equal bytes.
/// </summary>
public static class OnnxExport
{
    /// <summary>The version of the operators that are used, the first with axes as inputs; runtimes since 2021 know it.</summary>
    public const int OperatorSet = 13;

    /// <summary>Longest file that is written, in bytes: what protocol buffers allow.</summary>
    public const long LargestBytes = OnnxMessage.LargestBytes;

    /// <summary>The version of the file format that came with <see cref="OperatorSet"/>.</summary>
    private const int IrVersion = 7;

    /// <summary>Labels stay readable in the file: they are data there, never part of a page.</summary>
    private static readonly JsonSerializerOptions s_readable = new() { TypeInfoResolver = LibraryJson.Resolver, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>How long a model's file is, without writing it.</summary>
    /// <param name="model">The model.</param>
    /// <returns>Bytes; above <see cref="LargestBytes"/> it cannot be written.</returns>
    public static long SizeOf(SequenceModel model) => ToMessage(model).Size;

    /// <summary>
    /// Writes a model. A language model has the inputs <c>tokens</c> [T,B] int64, <c>h0</c> and (LSTM) <c>c0</c> [L,B,H], and the outputs <c>logits</c> [T,B,V], <c>hn</c>, <c>cn</c>; a classifier has the inputs
    /// <c>tokens</c> [T,B] int64 and <c>lengths</c> [B] int32 (1..T) and the output <c>probabilities</c> [B,labels]. T and B are free.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="destination">Receives the file; need not seek, stays open.</param>
    /// <exception cref="NotSupportedException">The file would be longer than <see cref="LargestBytes"/>; nothing is written.</exception>
    public static void Write(SequenceModel model, Stream destination) => ToMessage(model).WriteTo(destination);

    /// <summary>A graph as a file.</summary>
    internal static OnnxMessage ToMessage(OnnxGraph graph, IEnumerable<(string Key, string Value)> metadata)
    {
        var file = new OnnxMessage()
            .Add(OnnxFields.Model.IrVersion, IrVersion)
            .Add(OnnxFields.Model.ProducerName, "SequenceModels")
            .Add(OnnxFields.Model.Graph, graph.ToMessage("network"))
            .Add(OnnxFields.Model.OpsetImport, new OnnxMessage().Add(OnnxFields.OperatorSetId.Version, OperatorSet));
        foreach (var (key, value) in metadata)
            file.Add(OnnxFields.Model.MetadataProps, new OnnxMessage().Add(OnnxFields.StringStringEntry.Key, key).Add(OnnxFields.StringStringEntry.Value, value));
        return file;
    }

    private static OnnxMessage ToMessage(SequenceModel model)
    {
        var cell = OnnxCell.Of(model.Architecture.Cell);
        var graph = model.Task == TaskKind.LanguageModel
            ? OnnxNetworks.LanguageModel(cell, model.Parameters, model.Architecture)
            : OnnxNetworks.Classifier(cell, model.Parameters, model.Architecture.Pooling ?? PoolingKind.Mean, model.Architecture, TemperatureOf(model));
        return ToMessage(graph, Metadata(model));
    }

    private static double TemperatureOf(SequenceModel model) => model is SequenceClassifier classifier ? classifier.Temperature : 1;

    /// <summary>What a caller needs beside the network: which tokens its numbers stand for, and the labels of a classifier's outputs.</summary>
    private static IEnumerable<(string Key, string Value)> Metadata(SequenceModel model)
    {
        var vocabulary = model.Tokenizer.Vocabulary;
        yield return ("task", JsonNamingPolicy.CamelCase.ConvertName(model.Task.ToString()));
        yield return ("vocabulary", "tokenizer.json");
        yield return ("vocabularySha256", HashOf(model.Tokenizer));
        yield return ("vocabularySize", vocabulary.Count.ToString(CultureInfo.InvariantCulture));
        if (model is LanguageModel { IsConditional: true })
            yield return ("labels", JsonSerializer.Serialize(model.Labels, s_readable));
        if (model is LanguageModel language)
            yield return ("startToken", language.StartToken.ToString(CultureInfo.InvariantCulture));
        if (model is SequenceClassifier classifier)
        {
            yield return ("labels", JsonSerializer.Serialize(model.Labels, s_readable));
            yield return ("maximumTokens", classifier.MaximumTokens.ToString(CultureInfo.InvariantCulture));
            yield return ("temperature", classifier.Temperature.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static string HashOf(ITokenizer tokenizer)
    {
        using var content = new MemoryStream();
        Tokenizers.Save(tokenizer, content);
        return Convert.ToHexStringLower(SHA256.HashData(content.GetBuffer().AsSpan(0, (int)content.Length)));
    }
}
