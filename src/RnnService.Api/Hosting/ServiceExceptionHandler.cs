using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace RnnService.Api.Hosting;

/// <summary>Turns what was thrown into a problem: what the server refused about the request keeps its status, all else is logged and a 500 that tells nothing. A caller who is gone is no error: the framework ends such requests before this handler.</summary>
internal sealed class ServiceExceptionHandler(IProblemDetailsService problems, ILogger<ServiceExceptionHandler> logger) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, detail) = exception is BadHttpRequestException refused ? (refused.StatusCode, refused.Message) : (StatusCodes.Status500InternalServerError, null);
        if (status >= 500) logger.LogError(exception, "{Method} {Path} failed", httpContext.Request.Method, httpContext.Request.Path);
        httpContext.Response.StatusCode = status;
        return problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = new ProblemDetails { Status = status, Detail = detail } });
    }
}
