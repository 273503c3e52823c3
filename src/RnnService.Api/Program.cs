using RnnService.Api.Hosting;
using RnnService.Api.Hosting.OpenApi;
using RnnService.Api.Storage;

return await ServiceProgram.RunAsync(
    args,
    (services, configuration) => services
        .AddHosting(configuration)
        .AddOpenApiDocument()
        .AddStorage(configuration),
    app =>
    {
        app.UseHosting();
        app.MapHealth();
        app.MapOpenApi();
    });
