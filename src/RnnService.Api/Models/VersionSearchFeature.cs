using Microsoft.AspNetCore.Http.HttpResults;
using RnnService.Api.Hosting;

namespace RnnService.Api.Models;

/// <summary>Versions of all models in one list.</summary>
public static class VersionSearchFeature
{
    /// <summary>Maps the list.</summary>
    public static IEndpointRouteBuilder MapVersionSearch(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/versions", FindAsync).WithTags("Models").WithName("findModelVersions").ReadsQuery<VersionQuery>()
            .WithSummary("Find versions of all models")
            .WithDescription("Versions that can be used, or with `status=damaged` those that cannot, of which everything holds that is asked for. "
                + "The best classifier with a recall that is good enough: `?task=classification&metric=macroF1>=0.8&sort=-accuracy&limit=1`.")
            .ResponseExample(200, $$"""{ "items": [ {{ModelsFeature.VersionExample}} ], "next": null }""")
            .ProducesProblems(400);
        return routes;
    }

    private static async Task<Results<Ok<Page<VersionResponse>>, ProblemHttpResult>> FindAsync(
        HttpContext context, RequestReader reader, VersionSearch search, CancellationToken cancellationToken)
    {
        var query = reader.ReadQuery<VersionQuery>(context);
        if (!query.IsValid)
            return query.Problem;
        var order = query.Value.Order;
        var found = await search.FindAsync(query.Value.ToFilter(), order, query.Value.Place, query.Value.Size + 1, cancellationToken);
        var page = found.ToPage(query.Value.Size, last => Cursor.Of(new VersionPlace(order, last.Value, last.Row.Model, last.Row.Version).ToString()));
        return TypedResults.Ok(new Page<VersionResponse>([.. page.Items.Select(version => VersionResponse.Of(version.Row))], page.Next));
    }
}
