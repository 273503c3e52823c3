using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RnnService.Api.Storage;
using RnnService.Api.Tests.Storage;
using RnnService.Api.TrainingJobs;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>Jobs that leave the machine and come back: by request, with the service, for want of room. Their weights are those of a job that never left.</summary>
public sealed class PauseTests
{
    [Fact]
    public async Task A_running_job_is_paused_and_goes_on_to_the_weights_of_one_that_never_was()
    {
        await using var host = await ServiceHost.StartAsync();
        string expected = await host.WeightsAsync(await host.TrainAsync(TinyJobs.Steady("whole")));
        string id = (string)(await host.SubmitAsync(TinyJobs.Steady("parts")))["id"]!;
        for (int round = 0; round < 3; round++)
        {
            await host.WaitUntilLearningAsync(id);
            var paused = await host.PostAsync($"{TinyJobs.Jobs}/{id}/pause", null);
            Assert.Equal(("paused", "Paused by request."), ((string?)paused["status"], (string?)paused["statusReason"]));
            Assert.NotEmpty(Directory.GetFiles(Path.Combine(host.Root, "checkpoints", id)));
            await host.PostAsync($"{TinyJobs.Jobs}/{id}/pause", null, 409);
            await host.DeleteAsync($"{TinyJobs.Jobs}/{id}", 409);
            // Others run meanwhile.
            await host.TrainAsync(TinyJobs.LanguageModel());
            long step = (long)(await host.GetAsync($"{TinyJobs.Jobs}/{id}"))["progress"]!["step"]!;
            var resumed = await host.PostAsync($"{TinyJobs.Jobs}/{id}/resume", null);
            Assert.Contains((string?)resumed["status"], new[] { "queued", "running" });
            Assert.Null(resumed["statusReason"]);
            Assert.True((long)(await host.WaitForJobAsync(id, "running"))["progress"]!["step"]! >= step);
        }

        var ended = await host.WaitForJobAsync(id, "succeeded");
        Assert.Equal(expected, await host.WeightsAsync(ended));
        Assert.False(Directory.Exists(Path.Combine(host.Root, "checkpoints", id)));
        await host.PostAsync($"{TinyJobs.Jobs}/{id}/pause", null, 409);
        await host.PostAsync($"{TinyJobs.Jobs}/{id}/resume", null, 409);
        await host.PostAsync($"{TinyJobs.Jobs}/nobody/pause", null, 404);
        await host.PostAsync($"{TinyJobs.Jobs}/nobody/resume", null, 404);
    }

    [Fact]
    public async Task A_waiting_job_is_paused_keeps_its_place_and_is_cancelled_while_paused()
    {
        await using var host = await ServiceHost.StartAsync();
        string running = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
        await host.WaitUntilLearningAsync(running);
        string first = (string)(await host.SubmitAsync(TinyJobs.LanguageModel("first")))["id"]!, second = (string)(await host.SubmitAsync(TinyJobs.LanguageModel("second")))["id"]!;
        Assert.Equal("paused", (string?)(await host.PostAsync($"{TinyJobs.Jobs}/{first}/pause", null))["status"]);
        await host.PostAsync($"{TinyJobs.Jobs}/{second}/resume", null, 409);
        await host.PostAsync($"{TinyJobs.Jobs}/{running}/resume", null, 409);

        // Back in the queue it is before the one that was asked for later.
        Assert.Equal(1, (int)(await host.PostAsync($"{TinyJobs.Jobs}/{first}/resume", null))["queue"]!["position"]!);
        await host.PostAsync($"{TinyJobs.Jobs}/{second}/pause", null);
        Assert.Equal("paused", (string?)(await host.PostAsync($"{TinyJobs.Jobs}/{running}/pause", null))["status"]);
        await host.WaitForJobAsync(first, "succeeded");
        foreach (string id in new[] { running, second })
            Assert.Equal("cancelled", (string?)(await host.PostAsync($"{TinyJobs.Jobs}/{id}/cancel", null))["status"]);
        Assert.Empty(Directory.GetDirectories(Path.Combine(host.Root, "checkpoints")));
        await host.GetAsync("/api/v1/models/second", 404);
    }

    [Fact]
    public async Task With_the_service_a_running_job_stops_and_goes_on_and_a_paused_one_stays_paused()
    {
        using var folder = new TemporaryFolder();
        string id, paused;
        long step;
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
        {
            paused = (string)(await host.SubmitAsync(TinyJobs.Steady("paused")))["id"]!;
            await host.WaitUntilLearningAsync(paused);
            await host.PostAsync($"{TinyJobs.Jobs}/{paused}/pause", null);
            id = (string)(await host.SubmitAsync(TinyJobs.Steady("parts")))["id"]!;
            await host.WaitUntilLearningAsync(id);
            step = (long)(await host.GetAsync($"{TinyJobs.Jobs}/{id}"))["progress"]!["step"]!;
        }

        Assert.NotEmpty(Directory.GetFiles(folder["checkpoints/" + id]));
        Directory.CreateDirectory(folder["checkpoints/0123456789"]); // of a job that is gone
        // A start that finds no room runs nothing: how far the job is, is what its row says.
        await using (var full = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Storage:MinFreeBytes"] = $"{long.MaxValue}" }, folder.Path))
        {
            var kept = await full.GetAsync($"{TinyJobs.Jobs}/{id}");
            Assert.Equal("running", (string?)kept["status"]);
            Assert.InRange((long)kept["progress"]!["step"]!, step, long.MaxValue);
            step = (long)kept["progress"]!["step"]!;
        }

        // Whenever one looks, it is not less: not while the run is made ready, and not when it has begun.
        await using var again = await ServiceHost.StartAsync(root: folder.Path);
        var ended = await TinyJobs.UntilAsync(
            "the job has ended",
            async () =>
            {
                var job = await again.GetAsync($"{TinyJobs.Jobs}/{id}");
                Assert.InRange((long)job["progress"]!["step"]!, step, long.MaxValue);
                step = (long)job["progress"]!["step"]!;
                return job;
            },
            job => (string?)job["status"] != "running");
        Assert.Equal("succeeded", (string?)ended["status"]);
        Assert.Equal("paused", (string?)(await again.GetAsync($"{TinyJobs.Jobs}/{paused}"))["status"]);
        await again.PostAsync($"{TinyJobs.Jobs}/{paused}/resume", null);
        string expected = await again.WeightsAsync(await again.TrainAsync(TinyJobs.Steady("whole")));
        Assert.Equal(expected, await again.WeightsAsync(ended));
        Assert.Equal(expected, await again.WeightsAsync(await again.WaitForJobAsync(paused, "succeeded")));
        Assert.Empty(Directory.GetDirectories(folder["checkpoints"]));
    }

    [Fact]
    public async Task A_paused_job_leaves_no_thread_and_a_process_asked_to_stop_ends_with_0_and_a_checkpoint()
    {
        using var folder = new TemporaryFolder();
        await using var service = ServiceProcess.Start(folder.Path, "--Training:Threads=2", "--Inference:Threads=1"); // no team of its own for inference
        await service.WaitUntilReadyAsync();
        var created = await service.Client.PostAsJsonAsync(new Uri(TinyJobs.Jobs, UriKind.Relative), TinyJobs.Endless());
        string path = $"{TinyJobs.Jobs}/{(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]}";
        await WaitAsync(job => (long)job["progress"]!["step"]! > 0);
        Assert.Equal(2, service.TrainingThreads());

        Assert.Equal("paused", (string?)(await SendAsync("pause"))["status"]);
        Assert.Equal(0, service.TrainingThreads());
        await SendAsync("resume");
        await WaitAsync(job => (string?)job["status"] == "running");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(0, await service.StopAsync());
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);
        Assert.NotEmpty(Directory.GetFiles(folder["checkpoints"], "*.safetensors", SearchOption.AllDirectories));

        async Task<JsonNode> SendAsync(string verb)
        {
            using var response = await service.Client.PostAsync(new Uri($"{path}/{verb}", UriKind.Relative), null);
            return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!;
        }

        async Task WaitAsync(Predicate<JsonNode> until)
        {
            await TinyJobs.UntilAsync("the job is as far as wanted", async () => (await service.Client.GetFromJsonAsync<JsonNode>(new Uri(path, UriKind.Relative)))!, until);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Damaged_checkpoints_are_passed_over_down_to_the_beginning(int damaged)
    {
        await using var host = await ServiceHost.StartAsync(new Dictionary<string, string?> { ["Training:CheckpointSeconds"] = "0.1" });
        string id = (string)(await host.SubmitAsync(TinyJobs.Steady("parts")))["id"]!;
        string folder = Path.Combine(host.Root, "checkpoints", id);
        await TinyJobs.UntilAsync("there is a checkpoint", () => Directory.Exists(folder) && Directory.GetFiles(folder, "*.safetensors").Length > 0, milliseconds: 5);
        await host.PostAsync($"{TinyJobs.Jobs}/{id}/pause", null);
        string[] files = [.. Directory.GetFiles(folder).OrderByDescending(file => int.Parse(Path.GetFileNameWithoutExtension(file), System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(2, files.Length);
        foreach (string file in files.Take(damaged))
        {
            byte[] bytes = await File.ReadAllBytesAsync(file);
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file, bytes);
        }

        await host.PostAsync($"{TinyJobs.Jobs}/{id}/resume", null);
        string weights = await host.WeightsAsync(await host.WaitForJobAsync(id, "succeeded"));
        Assert.Equal(await host.WeightsAsync(await host.TrainAsync(TinyJobs.Steady("whole"))), weights);
    }

    [Fact]
    public async Task Without_room_on_the_disk_jobs_wait_and_leave_and_they_go_on_when_there_is_room()
    {
        var disk = new AdjustableDisk { Free = 1 << 30 };
        await using var host = await ServiceHost.StartAsync(
            new Dictionary<string, string?> { ["Storage:MinFreeBytes"] = $"{1 << 28}" }, services: services => services.AddSingleton<IDiskSpace>(disk));
        string id = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
        await host.WaitUntilLearningAsync(id);
        disk.Free = 1000;
        var paused = await host.WaitForJobAsync(id, "paused");
        Assert.Equal("The disk of the data folder has 1000 bytes left; less than the 268435456 of Storage:MinFreeBytes.", (string?)paused["statusReason"]);
        string next = (string)(await host.SubmitAsync(TinyJobs.LanguageModel()))["id"]!;
        var waiting = await TinyJobs.UntilAsync("the job that waits says why", () => host.GetAsync($"{TinyJobs.Jobs}/{next}"), job => job["statusReason"] is not null);
        Assert.Equal("queued", (string?)waiting["status"]);
        Assert.Equal("paused", (string?)(await host.GetAsync($"{TinyJobs.Jobs}/{id}"))["status"]);

        disk.Free = 1 << 30;
        long step = (long)paused["progress"]!["step"]!;
        Assert.True((long)(await host.WaitForJobAsync(id, "running"))["progress"]!["step"]! >= step);

        // One that is paused by request as well does not come back by itself.
        disk.Free = 1000;
        await host.WaitForJobAsync(id, "paused");
        await host.PostAsync($"{TinyJobs.Jobs}/{id}/pause", null);
        disk.Free = 1 << 30;
        await host.WaitForJobAsync(next, "succeeded");
        Assert.Equal("Paused by request.", (string?)(await host.GetAsync($"{TinyJobs.Jobs}/{id}"))["statusReason"]);
    }

    [Fact]
    public async Task A_pause_that_is_asked_for_while_a_job_leaves_for_want_of_room_lasts()
    {
        await using var host = await ServiceHost.StartAsync();
        var desk = host.Services.GetRequiredService<TrainingDesk>();
        string id = (string)(await host.SubmitAsync(TinyJobs.Endless()))["id"]!;
        // Whether the run is still there when it is asked for, or has left just before.
        foreach (int milliseconds in new[] { 0, 0, 1, 5, 20 })
        {
            RunningJob? running = null;
            await TinyJobs.UntilAsync("the job learns", () => (running = desk.FindOrNull(id)) is { Progress.Step: > 0 });
            running!.TryInterrupt(new JobInterruption(InterruptionKind.Space, "The disk is full."));
            await Task.Delay(milliseconds);
            var paused = await host.PostAsync($"{TinyJobs.Jobs}/{id}/pause", null);
            Assert.Equal(("paused", "Paused by request."), ((string?)paused["status"], (string?)paused["statusReason"]));
            await host.PostAsync($"{TinyJobs.Jobs}/{id}/resume", null);
        }
    }

    [Fact]
    public async Task Old_jobs_are_forgotten_and_their_versions_stay()
    {
        using var folder = new TemporaryFolder();
        JsonNode job;
        await using (var host = await ServiceHost.StartAsync(root: folder.Path))
            job = await host.TrainAsync(TinyJobs.LanguageModel());
        var later = new LaterClock(TimeSpan.FromDays(400));
        await using var again = await ServiceHost.StartAsync(root: folder.Path, services: services => services.AddSingleton<TimeProvider>(later));
        await TinyJobs.UntilAsync("the job is forgotten", () => again.GetAsync(TinyJobs.Jobs), list => list["items"]!.AsArray().Count == 0);
        Assert.Equal((string?)job["id"], (string?)(await again.GetAsync("/api/v1/models/lines/versions/1"))["jobId"]);
    }
}
