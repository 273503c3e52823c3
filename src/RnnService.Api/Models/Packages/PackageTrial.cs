using System.Text.Json;
using RnnService.Api.Reports;
using SequenceModels.Tasks;

namespace RnnService.Api.Models.Packages;

/// <summary>Reads the report of a staged version and loads a model from it before it gets a name: right hashes say that the files are the exporter's, not that they fit together. One at a time, as the memory is not counted among that of models in use.</summary>
internal sealed class PackageTrial : IDisposable
{
    private readonly SemaphoreSlim _turns = new(1, 1);

    /// <summary>Adds what is wrong.</summary>
    public async Task LoadAsync(string staging, VersionManifest manifest, List<PackageFault> faults, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            faults.AddRange(await FaultsOfReportAsync(staging, manifest, cancellationToken));
            await Task.Run(() => Load(staging, manifest, faults), cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private static async Task<IEnumerable<PackageFault>> FaultsOfReportAsync(string staging, VersionManifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            byte[] json = await File.ReadAllBytesAsync(new VersionFolder(staging).PathOf(VersionFolder.ReportFile), cancellationToken);
            var report = ReportJson.ReadStrictly(json);
            return HasGap(json) ? [new(VersionFolder.ReportFile, "has a list with null in it")] : ReportRules.Faults(report, manifest);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidDataException)
        {
            return [new(VersionFolder.ReportFile, "is not a readable report (malformed JSON, or a member that is missing, unknown or of the wrong type)")];
        }
    }

    /// <summary>Members may be null where their types say so; items of lists never are, and the types cannot say that.</summary>
    private static bool HasGap(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var areLists = new Stack<bool>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    areLists.Push(reader.TokenType == JsonTokenType.StartArray);
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    areLists.Pop();
                    break;
                case JsonTokenType.Null when areLists.TryPeek(out bool inList) && inList:
                    return true;
            }
        }

        return false;
    }

    private static void Load(string staging, VersionManifest manifest, List<PackageFault> faults)
    {
        try
        {
            using SequenceModel model = manifest.Task == TaskKind.LanguageModel ? LanguageModel.Load(staging) : SequenceClassifier.Load(staging);
            long parameters = model.Parameters.Parameters.Sum(parameter => (long)parameter.Values.Length);
            if (parameters != manifest.Parameters)
                faults.Add(new(VersionFolder.ManifestFile, $"parameters must be those of the network, {parameters}; given {manifest.Parameters}"));
            if (model.Parameters.Parameters.FirstOrDefault(parameter => !parameter.IsFinite) is { } wild)
                faults.Add(new(VersionFolder.WeightsFile, $"has a value in '{wild.Name}' that is not finite, as no trained model has"));
            var (vocabulary, told) = (model.Tokenizer, manifest.Tokenizer);
            if ((vocabulary.Kind, vocabulary.Vocabulary.Count, vocabulary.LowerCase) != (told.Kind, told.VocabularySize, told.LowerCase) || manifest.Architecture.Tokenizer != told.Kind)
                faults.Add(new(VersionFolder.TokenizerFile, "is not the tokenizer that the manifest tells of"));
        }
        catch (InvalidDataException wrong)
        {
            faults.Add(new(FileOf(wrong.Message, staging), wrong.Message.Replace(staging + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)));
        }
    }

    /// <summary>The file that a message of the library begins with.</summary>
    private static string FileOf(string message, string staging) =>
        Array.Find([VersionFolder.TokenizerFile, VersionFolder.WeightsFile], name => message.StartsWith(Path.Combine(staging, name), StringComparison.Ordinal)) ?? VersionFolder.ManifestFile;
}
