namespace RnnService.Api.TrainingJobs.DryRuns;

/// <summary>The answer of a dry run in the OpenAPI document.</summary>
internal static class DryRunExample
{
    public const string Json = """
        {}
        """;
}
