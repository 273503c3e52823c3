using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace SequenceModels.Benchmarks;

/// <summary>How quickly a running service classifies while it trains: requests at a steady rate, first with nothing else to do, then beside a long training job.</summary>
internal sealed class LatencyCommand : IDisposable
{
    private const string Jobs = "/api/v1/training-jobs";
    private readonly HttpClient _client;
    private readonly double _perSecond;
    private readonly double _seconds;

    private LatencyCommand(Uri service, double perSecond, double seconds) =>
        (_client, _perSecond, _seconds) = (new HttpClient { BaseAddress = service }, perSecond, seconds);

    public static async Task<int> RunAsync(string service, double perSecond, double seconds)
    {
        using var command = new LatencyCommand(new Uri(service), perSecond, seconds);
        return await command.RunAsync();
    }

    public void Dispose() => _client.Dispose();

    private async Task<int> RunAsync()
    {
        string classifier = await StartAsync(new { model = "latency-classifier", task = "classification", dataset = new { name = "opinions" } });
        while (await StatusAsync(classifier) is var status && status != "succeeded")
        {
            if (status is "failed" or "cancelled")
                throw new InvalidOperationException($"The classifier's training {status}.");
            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }

        await MeasureAsync(5); // warm
        Print("idle", await MeasureAsync(_seconds));
        string job = await StartAsync(new
        {
            model = "latency-load",
            task = "languageModel",
            dataset = new { name = "dinosaurs" },
            architecture = new { hiddenSize = 512, layers = 2 },
            training = new { epochs = 10_000, earlyStoppingPatience = 1000, batchSize = 64 },
        });
        while (await StatusAsync(job) != "running")
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        await Task.Delay(TimeSpan.FromSeconds(3)); // initialised, steps going on
        double[] beside = await MeasureAsync(_seconds);
        bool trained = await StatusAsync(job) == "running";
        using var cancelled = await _client.PostAsync($"{Jobs}/{job}/cancel", null);
        Print("training", beside);
        if (trained)
            return 0;
        Console.Error.WriteLine("The training job ended before the measurement did.");
        return 1;
    }

    /// <summary>Sends requests at fixed moments, whether the ones before have been answered or not, and gives the sorted times to their answers in milliseconds.</summary>
    private async Task<double[]> MeasureAsync(double seconds)
    {
        int count = (int)(seconds * _perSecond);
        var clock = Stopwatch.StartNew();
        var answers = new Task<double>[count];
        for (int i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds(i / _perSecond) - clock.Elapsed;
            if (due > TimeSpan.Zero)
                await Task.Delay(due);
            answers[i] = RequestAsync(i);
        }

        double[] times = await Task.WhenAll(answers);
        Array.Sort(times);
        return times;
    }

    private async Task<double> RequestAsync(int i)
    {
        long start = Stopwatch.GetTimestamp();
        using var answer = await _client.GetAsync($"/api/v1/models/latency-classifier/classify?text=What+a+day+number+{i}+that+was");
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private async Task<string> StartAsync(object request)
    {
        using var answer = await _client.PostAsJsonAsync(Jobs, request);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    private async Task<string> StatusAsync(string job) =>
        (await _client.GetFromJsonAsync<JsonElement>($"{Jobs}/{job}")).GetProperty("status").GetString()!;

    private static void Print(string name, double[] times)
    {
        double At(double share) => times[(int)Math.Min(times.Length - 1, share * times.Length)];
        Console.WriteLine(FormattableString.Invariant($"{name,-9} {times.Length} requests: median {At(0.5):F2} ms, 90 % {At(0.9):F2} ms, 99 % {At(0.99):F2} ms, longest {times[^1]:F2} ms"));
    }
}
