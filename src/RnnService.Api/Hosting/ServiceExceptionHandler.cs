using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace RnnService.Api.Hosting;

/// <summary>Turns what was thrown into a problem: what the server refused about the request keeps its status, all else is a 500 that tells nothing.</summary>
internal sealed class ServiceExceptionHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, detail) = exception is BadHttpRequestException refused ? (refused.StatusCode, refused.Message) : (StatusCodes.Status500InternalServerError, null);
        httpContext.Response.StatusCode = status;
        return problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = new ProblemDetails { Status = status, Detail = detail } });
    }
}
