using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RnnService.Api.Hosting;
using RnnService.Api.TrainingJobs;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>docs/training.md names every option, and its requests are accepted.</summary>
public sealed class TrainingPageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "training.md"));

    [Fact]
    public void Every_option_is_named()
    {
        var names = new[] { typeof(TrainingMembers), typeof(ScheduleMembers) }.SelectMany(type => ServiceJson.Options.GetTypeInfo(type).Properties.Select(property => property.Name));
        Assert.All(names, name => Assert.Contains($"`{name}`", s_page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_request_is_accepted()
    {
        var blocks = Regex.Matches(s_page, "```json\n(?<json>.*?)```", RegexOptions.Singleline);
        Assert.Equal(3, blocks.Count);
        foreach (string json in blocks.Select(block => block.Groups["json"].Value))
        {
            var request = new JsonObject
            {
                ["model"] = "m",
                ["task"] = "classification",
                ["dataset"] = new JsonObject { ["name"] = "opinions" },
                ["training"] = JsonNode.Parse(json),
            };
            var problem = new RequestReader().Read<TrainingJobRequest>(Encoding.UTF8.GetBytes(request.ToJsonString()), RequestLimits.Default).Problem?.ProblemDetails;
            Assert.True(problem is null, $"{problem?.Detail} {json}");
        }
    }
}
