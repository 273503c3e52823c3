using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.HttpResults;

namespace RnnService.Api.Hosting;

/// <summary>A request that was read, or the problem to answer it with.</summary>
public readonly record struct RequestResult<T>
    where T : class
{
    /// <summary>The request was read.</summary>
    public RequestResult(T value) => Value = value;

    /// <summary>The request was refused.</summary>
    public RequestResult(ProblemHttpResult problem) => Problem = problem;

    /// <summary>The contract, whole and valid; null where there is a problem.</summary>
    public T? Value { get; }

    /// <summary>The answer to a request that cannot be accepted; null where there is a value.</summary>
    public ProblemHttpResult? Problem { get; }

    /// <summary>Whether the request is valid: exactly then there is a value and no problem.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsValid => Problem is null && Value is not null;
}
