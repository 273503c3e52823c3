namespace RnnService.Api.Hosting;

/// <summary>One page of a list.</summary>
/// <param name="Items">The items of this page, in the list's order.</param>
/// <param name="Next">The cursor to send as <c>after</c> for the next page; null on the last one.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
