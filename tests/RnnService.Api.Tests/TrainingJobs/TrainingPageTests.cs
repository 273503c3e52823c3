using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using RnnService.Api.Hosting;
using RnnService.Api.TrainingJobs;
using RnnService.Api.TrainingJobs.DryRuns;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>docs/training.md names every option, and its requests are accepted.</summary>
public sealed class TrainingPageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "training.md"));
    private static readonly JsonSerializerOptions s_strict = new(ServiceJson.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    [Fact]
    public void Every_option_is_named()
    {
        var names = new[] { typeof(TrainingMembers), typeof(ScheduleMembers) }.SelectMany(type => ServiceJson.Options.GetTypeInfo(type).Properties.Select(property => property.Name));
        Assert.All(names, name => Assert.Contains($"`{name}`", s_page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_request_is_accepted()
    {
        var requests = Blocks().Where(block => block["estimate"] is null).ToList();
        Assert.Equal(3, requests.Count);
        foreach (var training in requests)
        {
            var request = new JsonObject
            {
                ["model"] = "m",
                ["task"] = "classification",
                ["dataset"] = new JsonObject { ["name"] = "opinions" },
                ["training"] = training,
            };
            var problem = new RequestReader().Read<TrainingJobRequest>(Encoding.UTF8.GetBytes(request.ToJsonString()), RequestLimits.Default).Problem?.ProblemDetails;
            Assert.True(problem is null, $"{problem?.Detail} {training}");
        }
    }

    [Fact]
    public void The_answer_of_a_dry_run_has_the_members_that_dry_runs_have()
    {
        var answer = Assert.Single(Blocks(), block => block["estimate"] is not null);
        var read = answer.Deserialize<DryRunResponse>(s_strict)!;
        Assert.All(read.Reasons, reason => Assert.NotNull(Member(answer, reason.Member)));
    }

    private static List<JsonNode> Blocks() =>
        [.. Regex.Matches(s_page, "```json\n(?<json>.*?)```", RegexOptions.Singleline).Select(block => JsonNode.Parse(block.Groups["json"].Value)!)];

    /// <summary>What a reason speaks of: a member of `resolved`, or of `validation`.</summary>
    private static JsonNode? Member(JsonNode answer, string path) =>
        path.Split('.').Aggregate(path.StartsWith("validation.", StringComparison.Ordinal) ? answer : answer["resolved"], (node, name) => node?[name]);
}
