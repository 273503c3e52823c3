using RnnService.Api.Datasets;
using RnnService.Api.Hosting;
using RnnService.Api.Hosting.OpenApi;
using RnnService.Api.Inference;
using RnnService.Api.Models;
using RnnService.Api.Storage;
using RnnService.Api.TrainingJobs;

var builder = WebApplication.CreateBuilder(args);
if (HealthProbe.SubjectOrNull(args) is { } subject) return await HealthProbe.RunAsync(subject, ListenAddress.Local(builder.Configuration), Console.Out);

ListenAddress.Apply(builder);
builder.Services
    .AddHosting(builder.Configuration)
    .AddOpenApiDocument()
    .AddStorage(builder.Configuration)
    .AddDatasets(builder.Configuration)
    .AddModels()
    .AddTrainingJobs(builder.Configuration)
    .AddInference(builder.Configuration);

var app = builder.Build();
app.UseHosting();
app.MapHealth();
app.MapOpenApi();
app.MapDatasets();
app.MapTrainingJobs();
app.MapModels();
app.MapVersions();
app.MapInference();
return await app.RunServiceAsync();
