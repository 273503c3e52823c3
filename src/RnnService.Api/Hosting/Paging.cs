namespace RnnService.Api.Hosting;

/// <summary>Cuts lists into pages.</summary>
public static class Paging
{
    /// <summary>A page of <paramref name="fetched"/>, of which one more than <paramref name="limit"/> was asked for in order to see whether another page follows.</summary>
    public static Page<T> ToPage<T>(this IReadOnlyList<T> fetched, int limit, Func<T, string> cursor)
    {
        if (fetched.Count <= limit) return new Page<T>(fetched, null);
        var items = fetched.Take(limit).ToArray();
        return new Page<T>(items, cursor(items[^1]));
    }
}
