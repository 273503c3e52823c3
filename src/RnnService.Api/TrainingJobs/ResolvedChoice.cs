using System.Text.Json;

namespace RnnService.Api.TrainingJobs;

/// <summary>A choice that the service made because the request left it out.</summary>
/// <param name="Member">The member, as `architecture.hiddenSize`.</param>
/// <param name="Value">What was chosen.</param>
/// <param name="Reason">Why, in words, with the numbers of the data where they decided.</param>
public sealed record ResolvedChoice(string Member, JsonElement Value, string Reason);
