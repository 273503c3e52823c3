using RnnService.Api.Hosting;
using RnnService.Api.Hosting.OpenApi;
using RnnService.Api.Storage;

var builder = WebApplication.CreateBuilder(args);
if (HealthProbe.SubjectOrNull(args) is { } subject) return await HealthProbe.RunAsync(subject, ListenAddress.Local(builder.Configuration), Console.Out);

ListenAddress.Apply(builder);
builder.Services
    .AddHosting(builder.Configuration)
    .AddOpenApiDocument()
    .AddStorage(builder.Configuration);

var app = builder.Build();
app.UseHosting();
app.MapHealth();
app.MapOpenApi();
return await app.RunServiceAsync();
