using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace RnnService.Api.Hosting;

/// <summary>What every feature stands on: JSON, problems, limits, time-outs, security headers and health.</summary>
public static class HostingFeature
{
    /// <summary>Adds the services that every feature stands on.</summary>
    public static IServiceCollection AddHosting(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<HostingOptions>().Bind(configuration.GetSection(HostingOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<HostOptions>().Configure<IOptions<HostingOptions>>((host, own) => host.ShutdownTimeout = TimeSpan.FromSeconds(own.Value.ShutdownSeconds));
        services.ConfigureHttpJsonOptions(options => ServiceJson.Configure(options.SerializerOptions));
        services.Configure<KestrelServerOptions>(ConfigureServer);
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        services.AddProblemDetails();
        services.AddExceptionHandler<ServiceExceptionHandler>();
        services.AddRequestTimeouts();
        services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<HostingOptions>>((timeouts, own) => timeouts.DefaultPolicy = TimeoutPolicy(own.Value));
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<RequestReader>();
        services.AddSingleton<ServiceReadiness>();
        services.AddSingleton<StartupRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<StartupRunner>());
        return services;
    }

    /// <summary>Puts what applies to every request before the endpoints.</summary>
    public static WebApplication UseHosting(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(LeaveUnsatisfiableRangesToStatusPages);
        app.UseRouting();
        app.UseRequestTimeouts();
        app.UseMiddleware<RequestGate>();
        return app;
    }

    /// <summary>Maps the health checks.</summary>
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").WithTags("Health");
        health.MapGet("/live", Live)
            .WithName("getLiveness")
            .WithSummary("Whether the process answers")
            .WithDescription("200 from the moment the service listens. Asked by supervisors that restart a process which hangs.")
            .ResponseExample(200, """{ "status": "live" }""");
        health.MapGet("/ready", Ready)
            .WithName("getReadiness")
            .WithSummary("Whether the service can do its work")
            .WithDescription("200 when start-up work is done; 503 before that and while the service stops. Asked by load balancers.")
            .ProducesProblems(503)
            .ResponseExample(200, """{ "status": "ready" }""");
        return routes;
    }

    private static Ok<HealthStatus> Live() => TypedResults.Ok(new HealthStatus("live"));

    private static Results<Ok<HealthStatus>, ProblemHttpResult> Ready(ServiceReadiness readiness) =>
        readiness.IsReady
            ? TypedResults.Ok(new HealthStatus("ready"))
            : ServiceProblems.Unavailable(readiness.IsDraining ? "The service is stopping." : "The service is starting.", 1);

    private static async Task LeaveUnsatisfiableRangesToStatusPages(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Response is not { StatusCode: StatusCodes.Status416RangeNotSatisfiable, HasStarted: false } response) return;
        // The framework's file results say that this answer is an empty file, and what has a type and a length is no page to fill.
        response.ContentType = null;
        response.ContentLength = null;
    }

    private static void ConfigureServer(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        // Prompts and texts travel in the query of GET requests too.
        server.Limits.MaxRequestLineSize = 64 * 1024;
        server.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
        server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
    }

    private static RequestTimeoutPolicy TimeoutPolicy(HostingOptions options) => new()
    {
        Timeout = TimeSpan.FromSeconds(options.RequestTimeoutSeconds),
        TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
        WriteTimeoutResponse = context => ServiceProblems
            .Unavailable($"The request took more than {options.RequestTimeoutSeconds} seconds.", options.RequestTimeoutSeconds)
            .ExecuteAsync(context),
    };
}

/// <summary>The answer of a health check that passed.</summary>
/// <param name="Status">"live" or "ready".</param>
public sealed record HealthStatus(string Status);
