namespace RnnService.Api.Hosting;

/// <summary>Headers that keep browsers from doing more with an answer than was meant.</summary>
internal static class SecurityHeaders
{
    // Pages run only scripts that this service serves; the interactive documentation sets styles inline and shows images given as data.
    private const string ContentSecurityPolicy =
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static IApplicationBuilder UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        // When the answer starts: the handler of exceptions clears headers that were set before it.
        context.Response.OnStarting(static state =>
        {
            var (headers, path) = ((HttpContext)state) is var http ? (http.Response.Headers, http.Request.Path) : default;
            headers.XContentTypeOptions = "nosniff";
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            if (path.StartsWithSegments("/api") && headers.CacheControl.Count == 0) headers.CacheControl = "no-store";
            return Task.CompletedTask;
        }, context);
        return next(context);
    });
}
