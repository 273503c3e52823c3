using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RnnService.Api.Tests;

/// <summary>The built service as a process of its own on a free port, for what only a real process can show: signals, exit codes, crashes.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private ServiceProcess(Process process, Uri address)
    {
        _process = process;
        Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>A client of the service.</summary>
    public HttpClient Client { get; }

    /// <summary>The number of the process, for what the system tells about it.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Everything written to standard output and standard error so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts the service on a free loopback port.</summary>
    public static ServiceProcess Start(string root, params ReadOnlySpan<string> arguments) => Start(root, null, arguments);

    /// <summary>Starts the service; <paramref name="environment"/> is added to an environment without any ASP.NET Core settings.</summary>
    public static ServiceProcess Start(string root, IReadOnlyDictionary<string, string>? environment, params ReadOnlySpan<string> arguments)
    {
        var port = FreePort();
        var start = StartInfo(environment);
        start.ArgumentList.Add($"--Storage:Root={root}");
        start.ArgumentList.Add($"--urls=http://127.0.0.1:{port}");
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return new ServiceProcess(new Process { StartInfo = start }, new Uri($"http://127.0.0.1:{port}"));
    }

    /// <summary>Starts the executable with exactly these arguments; <see cref="Client"/> has the default address.</summary>
    public static ServiceProcess StartPlain(IReadOnlyDictionary<string, string>? environment, params ReadOnlySpan<string> arguments)
    {
        var start = StartInfo(environment);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return new ServiceProcess(new Process { StartInfo = start }, new Uri("http://localhost:5080"));
    }

    /// <summary>A loopback port that nobody uses at this moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits until the service is ready; fails with its output where it ends or takes too long.</summary>
    public async Task WaitUntilReadyAsync(double seconds = 60)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            if (_process.HasExited) Assert.Fail($"The service ended with {_process.ExitCode} before it was ready:\n{Output}");
            try
            {
                using var response = await Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
                if (response.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(50);
        }

        Assert.Fail($"The service was not ready after {seconds} seconds:\n{Output}");
    }

    /// <summary>Asks the process to stop (SIGTERM) and waits for its exit code.</summary>
    public Task<int> StopAsync()
    {
        if (SendSignal(_process.Id, 15) != 0) Assert.Fail("The signal could not be sent.");
        return WaitForExitAsync();
    }

    /// <summary>Ends the process at once (SIGKILL): it gets no chance to write anything.</summary>
    public Task<int> KillAsync()
    {
        _process.Kill();
        return WaitForExitAsync();
    }

    /// <summary>Waits until the process has ended by itself; its exit code.</summary>
    public async Task<int> WaitForExitAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        // The service's own runtimeconfig and deps files lie beside the tests, put there by the project reference.
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "RnnService.Api.dll"));
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name is "DOTNET_URLS" or "DOTNET_ENVIRONMENT").ToArray()) start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return start;
    }

    private void Keep(string? line)
    {
        if (line is not null) _output.Enqueue(line);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
