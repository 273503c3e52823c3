using Microsoft.AspNetCore.Http.Timeouts;

namespace RnnService.Api.Inference;

/// <summary>Answers with the samples as server-sent events while they are drawn.</summary>
internal sealed class SampleEvents(Sampling sampling) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        // A stream may take as long as somebody reads it; a reader who goes or stands still ends it.
        httpContext.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        return TypedResults.ServerSentEvents(sampling.StreamAsync(httpContext.RequestAborted)).ExecuteAsync(httpContext);
    }
}
