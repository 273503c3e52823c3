using System.Text.Json;
using RnnService.Api.Reports;
using SequenceModels.Tasks;

namespace RnnService.Api.Models.Packages;

/// <summary>Loads a model from a staged version before it gets a name: right hashes say that the files are the exporter's, not that they fit together. One at a time, as the memory is not counted among that of models in use.</summary>
internal sealed class PackageTrial : IDisposable
{
    private readonly SemaphoreSlim _turns = new(1, 1);

    /// <summary>Adds what is wrong.</summary>
    public async Task LoadAsync(string staging, VersionManifest manifest, List<PackageFault> faults, CancellationToken cancellationToken)
    {
        try
        {
            await ReportJson.ReadAsync(new VersionFolder(staging), cancellationToken);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidDataException)
        {
            faults.Add(new(VersionFolder.ReportFile, "is not a readable report (malformed JSON, or a member that is missing or of the wrong type)"));
        }

        await _turns.WaitAsync(cancellationToken);
        try
        {
            await Task.Run(() => Load(staging, manifest, faults), cancellationToken);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();

    private static void Load(string staging, VersionManifest manifest, List<PackageFault> faults)
    {
        try
        {
            using SequenceModel model = manifest.Task == TaskKind.LanguageModel ? LanguageModel.Load(staging) : SequenceClassifier.Load(staging);
            long parameters = model.Parameters.Parameters.Sum(parameter => (long)parameter.Values.Length);
            if (parameters != manifest.Parameters)
                faults.Add(new(VersionFolder.ManifestFile, $"parameters must be those of the network, {parameters}; given {manifest.Parameters}"));
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
