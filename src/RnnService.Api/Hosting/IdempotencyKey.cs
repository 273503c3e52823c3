using Microsoft.AspNetCore.Http.HttpResults;
using RnnService.Api.Storage;

namespace RnnService.Api.Hosting;

/// <summary>The key that a request may carry so that it can be sent again.</summary>
internal static class IdempotencyKey
{
    /// <summary>The endpoint creates something, once a key.</summary>
    public static RouteHandlerBuilder ReadsIdempotencyKey(this RouteHandlerBuilder builder) =>
        builder.ReadsHeader(IdempotentAnswers.Header, IdempotentAnswers.Description, "7f9c2ba4-e88f-4d7a-9c3b-1d2e5f6a7b8c");

    /// <summary>The key of a request, <c>null</c> where it has none; or what is wrong with it.</summary>
    public static (string? Key, ProblemHttpResult? Problem) Read(HttpRequest request)
    {
        string? key = request.Headers.TryGetValue(IdempotentAnswers.Header, out var values) ? values.ToString() : null;
        return key is null || key.Length is > 0 and <= IdempotentAnswers.LongestKey
            ? (key, null)
            : (null, ServiceProblems.BadRequest(IdempotentAnswers.Header, $"must have 1 to {IdempotentAnswers.LongestKey} characters; given {key.Length}"));
    }

    /// <summary>409: the key came with another request before.</summary>
    public static ProblemHttpResult Reused(string key) =>
        ServiceProblems.Conflict($"The {IdempotentAnswers.Header} {Problems.Quoted(key)} was sent with another request before.", "idempotency-key-reused");
}
