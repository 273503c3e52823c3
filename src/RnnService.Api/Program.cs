using RnnService.Api.Datasets;
using RnnService.Api.Hosting;
using RnnService.Api.Hosting.OpenApi;
using RnnService.Api.Inference;
using RnnService.Api.Models;
using RnnService.Api.Models.Packages;
using RnnService.Api.Reports;
using RnnService.Api.Storage;
using RnnService.Api.TrainingJobs;

return await ServiceProgram.RunAsync(
    args,
    (services, configuration) => services
        .AddHosting(configuration)
        .AddOpenApiDocument()
        .AddStorage(configuration)
        .AddDatasets(configuration)
        .AddModels(configuration)
        .AddPackages()
        .AddTrainingJobs(configuration)
        .AddInference(configuration)
        .AddReports(),
    app =>
    {
        app.UseHosting();
        app.MapHealth();
        app.MapOpenApi();
        app.MapDatasets();
        app.MapTrainingJobs();
        app.MapModels();
        app.MapVersions();
        app.MapVersionSearch();
        app.MapNotes();
        app.MapPackages();
        app.MapInference();
        app.MapReports();
    });
