using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using RnnService.Api.Hosting;
using SequenceModels.Tasks;

namespace RnnService.Api.Models;

/// <summary>The problems of the registry, in one place so that they read the same everywhere.</summary>
internal static class ModelProblems
{
    public static ProblemHttpResult NotFound(ResolvedReference resolved) => resolved.Status switch
    {
        ReferenceStatus.UnknownVersion when resolved.Reference.Version is { } version => UnknownVersion(resolved.Reference.Name, version),
        ReferenceStatus.UnknownAlias => ServiceProblems.NotFound($"Model '{resolved.Reference.Name}' has no alias '{resolved.Reference.Alias}'."),
        _ => UnknownModel(resolved.Reference.Name),
    };

    public static ProblemHttpResult UnknownModel(string name) => ServiceProblems.NotFound($"There is no model '{name}'.");

    public static ProblemHttpResult UnknownVersion(string name, int version) =>
        ServiceProblems.NotFound(string.Create(CultureInfo.InvariantCulture, $"Model '{name}' has no version {version}."));

    /// <summary>500: what the service keeps is not what it wrote. Nothing that the caller sends differently would help; other versions are not touched.</summary>
    public static ProblemHttpResult Damaged(string name, int version, VersionDamage damage) => ServiceProblems.Broken(
        string.Create(CultureInfo.InvariantCulture, $"Version {version} of model '{name}' is damaged and cannot be used: {damage.File} {damage.Reason}."),
        "damaged-version");

    public static ProblemHttpResult Aliased(string what, IReadOnlyList<string> aliases) =>
        ServiceProblems.Conflict($"{what} cannot be deleted while aliases point at it: {string.Join(", ", aliases)}.", "aliased");

    public static ProblemHttpResult NoSnapshot(string name, string job) => ServiceProblems.NotFound(
        $"There is no model of training job {Problems.Quoted(job)} for '{name}': while a job is trained there is one after its first validation (a paused job has none until it is resumed), and when it has succeeded its version is there.");
    public static ProblemHttpResult Needed(string what, string by) => ServiceProblems.Conflict($"{what} cannot be deleted while it is needed by {by}.", "version-needed");

    public static ProblemHttpResult TooManyTags(string what) =>
        ServiceProblems.Conflict($"{what} would have more than {Notes.MostTags} tags; remove some of them with removeTags.", "too-many-tags");

    /// <summary>A task as the API writes it.</summary>
    public static string TaskName(TaskKind? task) => task is { } known ? Word(known) : "unknown";

    /// <summary>A choice as the API writes it.</summary>
    public static string Word(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
