using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using RnnService.Api.Hosting;
using RnnService.Api.Models;
using SequenceModels.Serialization;
using SequenceModels.Tasks;
using SequenceModels.Text;
using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs;

/// <summary>Finds the versions that jobs start from: without weights to plan with, and with them to train.</summary>
public sealed class JobBases(ModelCatalog catalog, ModelFolders folders, VersionHolds holds, RegistryGate gate)
{
    /// <summary>The version that a request names, held so that nobody deletes it before the job is written down; or why there is none.</summary>
    public async Task<Found> FindAsync(TrainingJobRequest request, CancellationToken cancellationToken)
    {
        var (member, kind) = request.BaseModel is null ? ("continueFrom", BaseKind.ContinueFrom) : ("baseModel", BaseKind.BaseModel);
        if ((request.BaseModel ?? request.ContinueFrom) is not { } text || ModelReference.ParseOrNull(text) is not { } reference)
            return new Found(null, null, null, null);
        var resolved = await catalog.ResolveAsync(reference, cancellationToken);
        if (resolved.Version is not { } row)
            return Refuse(ServiceProblems.NotFound(member, $"there is no model version {Problems.Quoted(text)}"));
        if (row is { DamagedFile: { } file, Damage: { } reason })
            return Refuse(ModelProblems.Damaged(row.Model, row.Version, new VersionDamage(file, reason)));

        var hold = await HoldAsync(new ModelKey(row.Model, row.Version), cancellationToken);
        bool found = false;
        try
        {
            // Deleted between the look and the hold, it is not there.
            var folder = folders.Version(row.Model, row.Version);
            if (!folder.HasManifest || folder.ReadManifest() is not { Manifest: { } manifest, Damage: null })
                return Refuse(ServiceProblems.NotFound(member, $"there is no model version {Problems.Quoted(text)}"));
            if (WrongTaskOrNull(request, kind, row, manifest) is { } wrong)
                return Refuse(wrong);
            var model = TrainingBase.WithoutWeights(kind, manifest.Task, manifest.Architecture, ReadTokenizer(folder), manifest.Labels);
            if (Contradictions(request, member, model) is { } contradiction)
                return Refuse(contradiction);
            found = true;
            return new Found(model, new ModelKey(row.Model, row.Version), manifest, hold);
        }
        finally
        {
            if (!found)
                hold.Dispose();
        }
    }

    /// <summary>The base of a planned job with its weights; <c>null</c> where there is none, or it is not what it was any more.</summary>
    public async Task<TrainingBase?> LoadOrNullAsync(JobBase? planned, CancellationToken cancellationToken)
    {
        if (planned is null)
            return null;
        var folder = folders.Version(planned.Model, planned.Version);
        var inspection = await folder.VerifyAsync(cancellationToken);
        if (inspection is not { Manifest: { } manifest, Damage: null } || HashOf(manifest) != planned.WeightsSha256)
            return null;
        await using var weights = folder.OpenRead(VersionFolder.WeightsFile);
        try
        {
            return TrainingBase.Load(planned.Kind, manifest.Task, manifest.Architecture, ReadTokenizer(folder), manifest.Labels, weights);
        }
        catch (Exception wrong) when (wrong is SafetensorsException or InvalidDataException)
        {
            return null; // the hash is right, so it was never a version of this format
        }
    }

    /// <summary>Holds a version from a moment on in which no deletion is under way: one that has seen nobody hold it has ended by then.</summary>
    private async Task<IDisposable> HoldAsync(ModelKey key, CancellationToken cancellationToken)
    {
        using var turn = await gate.EnterAsync(cancellationToken);
        return holds.Hold(key);
    }

    private static Found Refuse(ProblemHttpResult problem) => new(null, null, null, null) { Refusal = problem };

    private static string HashOf(VersionManifest manifest) => manifest.Files.First(file => file.Name == VersionFolder.WeightsFile).Sha256;

    private static ITokenizer ReadTokenizer(VersionFolder folder)
    {
        using var stream = folder.OpenRead(VersionFolder.TokenizerFile);
        return Tokenizers.Load(stream);
    }

    private static ProblemHttpResult? WrongTaskOrNull(TrainingJobRequest request, BaseKind kind, ModelVersionRow row, VersionManifest manifest)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"Version {row.Version} of model '{row.Model}'");
        if (kind == BaseKind.ContinueFrom && manifest.Task != request.Task)
            return ServiceProblems.Conflict($"continueFrom: {name} has the task {ModelProblems.TaskName(manifest.Task)}, which cannot go on as {ModelProblems.TaskName(request.Task)}.", "wrong-task");
        if (kind == BaseKind.BaseModel && manifest.Task != TaskKind.LanguageModel)
            return ServiceProblems.Conflict($"baseModel: {name} has the task {ModelProblems.TaskName(manifest.Task)}; a classifier starts from a language model.", "wrong-task");
        return kind == BaseKind.BaseModel && manifest.Labels.Count > 0
            ? ServiceProblems.Conflict($"baseModel: {name} reads a label beside each token, which is what a classifier is to tell; it can only start from a language model without labels.", "wrong-task")
            : null;
    }

    private static ProblemHttpResult? Contradictions(TrainingJobRequest request, string member, TrainingBase model)
    {
        var problems = new Problems();
        foreach (var contradiction in model.Contradictions(ResolvedRequests.Of(request.Architecture)))
            problems.Add($"architecture.{contradiction.Member}", $"must be that of {member}, {Shown(contradiction.Base)}; given {Shown(contradiction.Given)}");
        return problems.Any ? ServiceProblems.BadRequest(problems) : null;
    }

    private static string Shown(object? value) => value switch
    {
        null => "none",
        bool flag => flag ? "true" : "false",
        Enum choice => $"\"{ModelProblems.Word(choice)}\"",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"{value.GetType().Name} is no value of an architecture."),
    };

    /// <summary>What a job starts from, if anything.</summary>
    public sealed class Found(TrainingBase? model, ModelKey? key, VersionManifest? manifest, IDisposable? hold) : IDisposable
    {
        /// <summary>The version, without weights; <c>null</c>: the job starts from nothing, or there is a refusal.</summary>
        public TrainingBase? Model => model;

        /// <summary>The answer where the job cannot start from what it names.</summary>
        public ProblemHttpResult? Refusal { get; init; }

        /// <summary>The request with what a version that is trained on decides: it reads on as much of a text as before.</summary>
        public TrainingRequest Complete(TrainingRequest request) =>
            model?.Kind == BaseKind.ContinueFrom ? request with { SequenceLength = request.SequenceLength ?? manifest!.Training.SequenceLength } : request;

        /// <summary>What is kept of the version beside the plan of the job.</summary>
        public JobBase? Describe(TrainingPlan plan) => key is not { } named || manifest is null || plan.BaseVocabulary is not { } vocabulary ? null : new JobBase
        {
            Kind = plan.Base!.Kind,
            Reference = new ModelReference(named.Model, named.Version, null).ToString(),
            Model = named.Model,
            Version = named.Version,
            WeightsSha256 = HashOf(manifest),
            Dataset = manifest.Dataset,
            TokensKept = vocabulary.Kept,
            TokensAdded = vocabulary.Added,
            UnknownTokens = vocabulary.Unknown,
        };

        /// <summary>What the caller should know of the vocabulary that is carried over.</summary>
        public IReadOnlyList<string> Warnings(TrainingPlan plan)
        {
            if (model?.Kind != BaseKind.ContinueFrom || plan.BaseVocabulary is not { Unknown: > 0 } vocabulary)
                return [];
            string what = model.Tokenizer.Kind == TokenizerKind.Character ? "characters" : "words";
            return [string.Create(CultureInfo.InvariantCulture,
                $"{vocabulary.Unknown} of {vocabulary.Tokens} {what} of the data to learn from ({vocabulary.DifferentUnknown} different ones) are not in the vocabulary that is carried over; they are read as unknown.")];
        }

        public void Dispose() => hold?.Dispose();
    }
}
