using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace RnnService.Api.Hosting;

/// <summary>The problems (RFC 9457) that this service answers with. <see cref="ProblemWriter"/> adds instance and traceId.</summary>
public static class ServiceProblems
{
    /// <summary>The member of a problem that holds the messages by path.</summary>
    public const string Errors = "errors";

    /// <summary>The member of a problem that becomes the header Retry-After.</summary>
    public const string RetryAfterSeconds = "retryAfterSeconds";

    /// <summary>400: everything that is wrong with the request.</summary>
    public static ProblemHttpResult BadRequest(Problems problems) => BadRequest(problems.ToErrors());

    /// <summary>400: everything that is wrong with the request, by path.</summary>
    public static ProblemHttpResult BadRequest(IReadOnlyDictionary<string, string[]> errors)
    {
        var count = errors.Values.Sum(messages => messages.Length);
        var detail = count == 1 ? $"{errors.First().Key}: {errors.First().Value[0]}." : $"{count} things are wrong; see errors.";
        return Problem(400, detail, errors);
    }

    /// <summary>400: one thing is wrong with the request.</summary>
    public static ProblemHttpResult BadRequest(string path, string message) => BadRequest(new Dictionary<string, string[]> { [path] = [message] });

    /// <summary>400: the value is no name by the rule of <see cref="Storage.ResourceName"/>.</summary>
    public static ProblemHttpResult BadName(string path, string value) => BadRequest(path, $"{Storage.ResourceName.Rule}; given {Problems.Quoted(value)}");

    /// <summary>404: what the path names does not exist.</summary>
    public static ProblemHttpResult NotFound(string detail) => Problem(404, detail);

    /// <summary>404: what a member of the body names does not exist.</summary>
    public static ProblemHttpResult NotFound(string path, string message) => NotFound(new Dictionary<string, string> { [path] = message });

    /// <summary>404: what members of the body name does not exist; what is wrong with each, by path.</summary>
    public static ProblemHttpResult NotFound(IReadOnlyDictionary<string, string> messages) =>
        Problem(404, string.Join(" ", messages.Select(member => $"{member.Key}: {member.Value}.")), messages.ToDictionary(member => member.Key, member => new[] { member.Value }));

    /// <summary>409: the request is right but not in the present state. <paramref name="type"/> is the last part of the type URI, such as "illegal-transition".</summary>
    public static ProblemHttpResult Conflict(string detail, string? type = null) => Problem(409, detail, type: type);

    /// <summary>413: more than <paramref name="mostBytes"/> were sent.</summary>
    public static ProblemHttpResult TooLarge(string what, long mostBytes) =>
        Problem(413, $"{what} must have at most {mostBytes.ToString(CultureInfo.InvariantCulture)} bytes.", extensions: new Dictionary<string, object?> { ["maxBytes"] = mostBytes });

    /// <summary>415: the body is of another kind than the operation reads.</summary>
    public static ProblemHttpResult UnsupportedMediaType(string detail) => Problem(415, detail);

    /// <summary>422: well-formed data that cannot be learned from. <paramref name="extensions"/> become members of the problem, such as "faults".</summary>
    public static ProblemHttpResult Unprocessable(string detail, IReadOnlyDictionary<string, object?>? extensions = null, string? type = null) =>
        Problem(422, detail, type: type, extensions: extensions);

    /// <summary>500: something that the service keeps is damaged or failed; <paramref name="detail"/> must tell nothing that the caller may not know.</summary>
    public static ProblemHttpResult Broken(string detail, string? type = null) => Problem(500, detail, type: type);

    /// <summary>503: not now; the caller may try again after some seconds.</summary>
    public static ProblemHttpResult Unavailable(string detail, int retryAfterSeconds) =>
        Problem(503, detail, extensions: new Dictionary<string, object?> { [RetryAfterSeconds] = retryAfterSeconds });

    private static ProblemHttpResult Problem(
        int status,
        string detail,
        IReadOnlyDictionary<string, string[]>? errors = null,
        string? type = null,
        IReadOnlyDictionary<string, object?>? extensions = null)
    {
        var problem = new ProblemDetails { Status = status, Detail = detail, Type = type is null ? null : ProblemWriter.TypeUri(type) };
        if (errors is not null) problem.Extensions[Errors] = errors;
        foreach (var (name, value) in extensions ?? new Dictionary<string, object?>()) problem.Extensions[name] = value;
        return TypedResults.Problem(problem);
    }
}
