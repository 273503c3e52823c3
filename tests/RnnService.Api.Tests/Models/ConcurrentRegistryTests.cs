using System.Text;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Models;
using RnnService.Api.Tests.TrainingJobs;

namespace RnnService.Api.Tests.Models;

/// <summary>What happens in the registry at the same time.</summary>
public sealed class ConcurrentRegistryTests
{
    private const string Models = "/api/v1/models";

    [Fact]
    public async Task A_job_that_is_asked_for_while_its_base_is_being_deleted_finds_none_rather_than_losing_it()
    {
        var meanwhile = new Meanwhile();
        await using var host = await ServiceHost.StartAsync(services: services => services.AddSingleton<IVersionUsage>(meanwhile));
        await host.TrainAsync(TinyJobs.LanguageModel("names", epochs: 1));
        var request = TinyJobs.LanguageModel("names", epochs: 1);
        request.Remove("architecture");
        request["continueFrom"] = "names:1";

        // The deletion has seen that nobody needs the version, and has not deleted it yet.
        Task<HttpResponseMessage>? asked = null;
        bool answeredTooEarly = false;
        meanwhile.Act = async () =>
        {
            asked = host.Client.PostAsync(new Uri(TinyJobs.Jobs, UriKind.Relative), new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json"));
            answeredTooEarly = await Task.WhenAny(asked, Task.Delay(500)) == asked;
        };
        await host.DeleteAsync($"{Models}/names/versions/1");
        using var answer = await asked!;
        Assert.False(answeredTooEarly, "The request was answered while the version was being deleted.");
        Assert.Equal(404, (int)answer.StatusCode);
        Assert.Empty((await host.GetAsync($"{TinyJobs.Jobs}?status=queued"))["items"]!.AsArray());
    }

    [Fact]
    public async Task Whoever_reads_while_an_alias_moves_gets_the_old_or_the_new_version_and_never_none()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("names", epochs: 1));
        await host.TrainAsync(TinyJobs.LanguageModel("names", epochs: 1));
        await host.PutAsync($"{Models}/names/aliases/production", """{ "version": 1 }""");

        using var end = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            var seen = new HashSet<int>();
            while (!end.IsCancellationRequested)
                seen.Add((int)(await host.GetAsync($"{Models}/names@production/sample?maxTokens=1"))["version"]!);
            return seen;
        })).ToArray();
        for (int move = 0; move < 40; move++)
            await host.PutAsync($"{Models}/names/aliases/production", $$"""{ "version": {{2 - move % 2}} }""");
        await end.CancelAsync();
        Assert.All(await Task.WhenAll(readers), seen => Assert.Subset(new HashSet<int> { 1, 2 }, seen));
    }

    [Fact]
    public async Task A_version_that_is_deleted_while_models_of_it_are_lent_out_answers_to_the_end()
    {
        await using var host = await ServiceHost.StartAsync();
        await host.TrainAsync(TinyJobs.LanguageModel("names", epochs: 1));
        await host.TrainAsync(TinyJobs.LanguageModel("names", epochs: 1));
        var leased = await host.Services.GetRequiredService<ModelHost>().AcquireAsync("names", 1, CancellationToken.None);
        using (leased.Lease)
        {
            await host.DeleteAsync($"{Models}/names/versions/1");
            await host.GetAsync($"{Models}/names:1/sample", 404);
            Assert.InRange(leased.Lease!.Value.Model.Parameters.Parameters[0].Values.ToArray().Max(Math.Abs), 1e-6f, 1e6f);
        }

        Assert.Equal(2, (int)(await host.GetAsync($"{Models}/names/sample"))["version"]!);
    }

    /// <summary>Acts once, at the moment at which a deletion asks who needs a version.</summary>
    private sealed class Meanwhile : IVersionUsage
    {
        public Func<Task>? Act { get; set; }

        public async Task<string?> NeededByOrNullAsync(string model, IReadOnlyList<int> versions, CancellationToken cancellationToken)
        {
            if (Act is { } act)
                await act();
            return null;
        }
    }
}
