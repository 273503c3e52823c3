using System.Text.Json;
using SequenceModels.Tasks;
using SequenceModels.Text;

namespace SequenceModels.Serialization;

/// <summary>A model as a folder of three files: manifest.json, tokenizer.json, weights.safetensors (docs/file-formats.md).</summary>
internal static class ModelFolder
{
    private const string Manifest = "manifest.json";
    private const string Tokenizer = "tokenizer.json";
    private const string Weights = "weights.safetensors";

    /// <summary>A manifest is a few KiB; a larger file is none.</summary>
    private const long MaximumManifestBytes = 16 << 20;

    /// <summary>Writes beside the folder and renames, so that there is the whole model or none.</summary>
    /// <exception cref="IOException">There is such a folder or file already, or it cannot be written.</exception>
    public static void Save(SequenceModel model, string folder)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)); // a separator at its end would put what is beside it into it
        if (Path.Exists(target))
            throw new IOException($"There is a '{target}' already; a model is saved into a folder of its own.");
        string staging = $"{target}.{Guid.NewGuid():N}.part";
        Directory.CreateDirectory(staging);
        try
        {
            using (var file = File.Create(Path.Combine(staging, Weights)))
                model.WriteWeights(file);
            using (var file = File.Create(Path.Combine(staging, Tokenizer)))
                Tokenizers.Save(model.Tokenizer, file);
            var manifest = new ModelManifest
            {
                FormatVersion = ModelManifest.CurrentFormat,
                Task = model.Task,
                Architecture = model.Architecture,
                Labels = model.Labels,
                Temperature = (model as SequenceClassifier)?.Temperature,
                Training = model is SequenceClassifier classifier ? new(classifier.MaximumTokens) : null,
            };
            using (var file = File.Create(Path.Combine(staging, Manifest)))
                JsonSerializer.Serialize(file, manifest, ModelManifestJson.Default.ModelManifest);
            Directory.Move(staging, target);
        }
        catch
        {
            Directory.Delete(staging, recursive: true);
            throw;
        }
    }

    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file is not well-formed, or the model has learned another task.</exception>
    public static SequenceModel Load(string folder, TaskKind task, WeightPrecision precision)
    {
        string path = Path.Combine(folder, Manifest);
        var manifest = ReadManifest(path);
        if (manifest.Task != task)
            throw new InvalidDataException($"The model in '{folder}' has learned {Word(manifest.Task)}, not {Word(task)}.");
        if (manifest.ProblemOrNull() is { } wrong)
            throw new InvalidDataException($"{path} {wrong}");
        var tokenizer = ReadTokenizer(Path.Combine(folder, Tokenizer));
        using var weights = File.OpenRead(Path.Combine(folder, Weights));
        try
        {
            return SequenceModel.Load(manifest.Task, manifest.Architecture, tokenizer, manifest.Labels, weights, manifest.Training?.SequenceLength ?? int.MaxValue, precision, temperature: manifest.Temperature ?? 1);
        }
        catch (SafetensorsException problem)
        {
            throw new InvalidDataException($"{weights.Name} does not hold this model's weights: {problem.Message}", problem);
        }
    }

    private static ModelManifest ReadManifest(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length > MaximumManifestBytes)
            throw new InvalidDataException($"{path} has {file.Length} bytes; a manifest has {MaximumManifestBytes} at most.");
        ModelManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(file, ModelManifestJson.Default.ModelManifest);
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException($"{path} is not a model's manifest: {problem.Message}", problem);
        }

        if (manifest?.FormatVersion != ModelManifest.CurrentFormat)
            throw new InvalidDataException($"{path} has formatVersion {manifest?.FormatVersion}; only {ModelManifest.CurrentFormat} is known.");
        return manifest;
    }

    private static ITokenizer ReadTokenizer(string path)
    {
        using var file = File.OpenRead(path);
        try
        {
            return Tokenizers.Load(file);
        }
        catch (InvalidDataException problem)
        {
            throw new InvalidDataException($"{path} is not a tokenizer: {problem.Message}", problem);
        }
    }

    private static string Word(TaskKind task) => task == TaskKind.LanguageModel ? "a language" : "to classify";
}
