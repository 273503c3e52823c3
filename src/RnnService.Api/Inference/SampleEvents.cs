namespace RnnService.Api.Inference;

/// <summary>Answers with the samples as server-sent events while they are drawn.</summary>
internal sealed class SampleEvents(Sampling sampling) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => TypedResults.ServerSentEvents(sampling.StreamAsync(httpContext.RequestAborted)).ExecuteAsync(httpContext);
}
