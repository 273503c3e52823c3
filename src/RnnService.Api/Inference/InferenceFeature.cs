using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using RnnService.Api.Hosting;
using RnnService.Api.TrainingJobs;
using SequenceModels.Tasks;

namespace RnnService.Api.Inference;

/// <summary>Sampling from language models and scoring texts by them, classifying with classifiers, and measuring both on data of the caller.</summary>
public static class InferenceFeature
{
    private const string SampleExample = """
        { "model": "dinosaurs", "version": 1, "seed": 7,
          "samples": [ { "text": "Trodonosaurus", "finishReason": "endOfSequence", "tokens": 14, "logProbability": -21.4, "label": null, "tokenLogProbabilities": null } ],
          "parameters": { "maxTokens": 200, "temperature": 0.8, "topK": null, "topP": null, "minP": null, "typicalP": null, "repetitionPenalty": 1, "stop": [], "n": 1, "logProbabilities": null },
          "usage": { "promptTokens": 0, "generatedTokens": 14 } }
        """;

    private const string ClassifyExample = """
        { "model": "opinions", "version": 1,
          "results": [ { "label": "positive", "probability": 0.93, "probabilities": { "negative": 0.07, "positive": 0.93 }, "tokens": 12, "unknownTokens": 0, "truncated": false } ] }
        """;

    private const string ScoreExample = """
        { "model": "dinosaurs", "version": 1,
          "results": [ { "label": null, "labels": null, "tokens": 4, "unknownTokens": 0, "logProbability": -9.1, "perplexity": 9.7,
            "tokenScores": [ { "token": "R", "logProbability": -3.2, "rank": 9, "entropy": 2.9 }, { "token": "e", "logProbability": -1.4, "rank": 2, "entropy": 1.9 },
                             { "token": "x", "logProbability": -3.9, "rank": 12, "entropy": 2.4 }, { "token": "", "logProbability": -0.6, "rank": 1, "entropy": 1.2 } ] } ] }
        """;

    /// <summary>Adds the services of inference.</summary>
    public static IServiceCollection AddInference(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<InferenceOptions>().Bind(configuration.GetSection(InferenceOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<InferenceGate>();
        services.AddSingleton<InferenceEntry>();
        services.AddSingleton<EvaluationData>();
        return services;
    }

    /// <summary>Maps the routes of inference.</summary>
    public static IEndpointRouteBuilder MapInference(this IEndpointRouteBuilder routes)
    {
        var inference = routes.MapGroup("/api/v1/models/{ref}").WithTags("Inference")
            .DescribesParameter("ref", "The model: `name` (its latest version), `name:3`, `name@alias`, or `name@job-{id}`: what a training job published, or while it is trained the best so far, with `version` 0.", "dinosaurs");

        inference.MapGet("/sample", SampleByQueryAsync).WithName("sample").ReadsQuery<SampleRequest>()
            .WithSummary("Draw text from a language model")
            .WithDescription("Draws texts that follow the prompt, or new sequences without one. The same request and seed give the same text. With `Accept: text/event-stream` the text comes as "
                + "events `token` (`{ \"index\", \"text\" }`) while it is drawn, then the whole answer as event `done`. A model that has learned with labels draws a text of `label`. Samplers apply in this order: penalties, temperature, topK, topP, minP, typicalP.")
            .ResponseExample(200, SampleExample)
            .ProducesProblems(400, 404, 409);

        inference.MapPost("/sample", SampleByBodyAsync).WithName("sampleByBody").ReadsBody<SampleRequest>(InferenceLimits.Sample)
            .WithSummary("Draw text from a language model (body)")
            .WithDescription("The same as GET, with the parameters as JSON: for long prompts.")
            .RequestExample("""{ "prompt": "Tro", "maxTokens": 40, "temperature": 0.8, "n": 1, "seed": 7 }""")
            .ResponseExample(200, SampleExample)
            .ProducesProblems(400, 404, 409, 413, 415);

        inference.MapGet("/classify", ClassifyByQueryAsync).WithName("classifyText").ReadsQuery<ClassifyQuery>()
            .WithSummary("Classify a text")
            .WithDescription("Gives the text one of the model's labels, with the probability of each.")
            .ResponseExample(200, ClassifyExample)
            .ProducesProblems(400, 404, 409);

        inference.MapPost("/classify", ClassifyByBodyAsync).WithName("classify").ReadsBody<ClassifyRequest>(InferenceLimits.Texts64MiB)
            .WithSummary("Classify texts")
            .WithDescription("Gives each of up to 1000 texts one of the model's labels. The results are in the order of the texts, and none depends on the texts beside it.")
            .RequestExample("""{ "texts": [ "I would buy it again.", "It broke on the second day." ] }""")
            .ResponseExample(200, ClassifyExample)
            .ProducesProblems(400, 404, 409, 413, 415);

        inference.MapPost("/score", ScoreAsync).WithName("score").ReadsBody<ScoreRequest>(InferenceLimits.Score)
            .WithSummary("Say how probable texts are")
            .WithDescription("What a language model makes of each of up to 1000 texts, read from the beginning: of each token its log-probability, its rank among all tokens and the entropy of its place, "
                + "and the text's log-probability and perplexity. For a model of lines the end mark is a token that counts. A model that has learned with labels reads each text under `label`, or under every label, and then tells "
                + "each label's probability given the text; texts times labels are at most 100,000 then. No result depends on the texts beside it.")
            .RequestExample("""{ "texts": [ "Rex" ] }""")
            .ResponseExample(200, ScoreExample)
            .ProducesProblems(400, 404, 409, 413, 415);

        inference.MapPost("/evaluate", EvaluateAsync).WithName("evaluate").ReadsBody<EvaluateRequest>(InferenceLimits.Evaluate)
            .WithSummary("Measure a model on data")
            .WithDescription("The task's metrics on a dataset, with intervals, calibration and the hardest rows (docs/evaluation.md), or on data within the request, which is not kept. Rows that cannot be measured, such as those with a label that the model does not know, are left out and listed.")
            .RequestExample("""{ "dataset": { "examples": [ { "text": "A joy to use.", "label": "positive" }, { "text": "It never worked.", "label": "negative" } ] } }""")
            .ResponseExample(200, """
                { "model": "opinions", "version": 1, "task": "classification", "dataset": null, "measured": 2,
                  "metrics": { "accuracy": 1, "brier": 0.09, "calibrationError": 0.21, "examples": 2, "logLoss": 0.24, "macroF1": 1, "microF1": 1, "rocAuc": 1, "validationLoss": 0.21 },
                  "evaluation": { "confidence": { "level": 0.95, "resamples": 1000, "unit": "examples", "intervals": { "accuracy": { "lower": 1, "upper": 1 } } },
                    "classes": [ { "label": "negative", "precision": 1, "recall": 1, "f1": 1, "support": 1, "predicted": 1 } ], "classesOmitted": 0,
                    "confusion": { "labels": [ "negative", "positive" ], "counts": [ [ 1, 0 ], [ 0, 1 ] ] }, "mostConfused": [],
                    "calibration": { "temperature": 1.2, "notFitted": null, "before": { "expectedCalibrationError": 0.19, "logLoss": 0.21, "brier": 0.07, "bins": [] }, "after": { "expectedCalibrationError": 0.21, "logLoss": 0.24, "brier": 0.09, "bins": [] } },
                    "hardestExamples": [ { "row": 2, "text": "It never worked.", "label": "negative", "predicted": "negative", "probability": 0.74, "labelProbability": 0.74, "loss": 0.3 } ], "hardestPassages": null },
                  "faults": [], "faultCount": 0 }
                """)
            .ProducesProblems(400, 404, 409, 413, 415, 422);
        return routes;
    }

    private static Task<Results<Ok<SampleResponse>, SampleEvents, ProblemHttpResult>> SampleByQueryAsync(
        string @ref, HttpContext context, RequestReader reader, InferenceEntry entry, CancellationToken cancellationToken) =>
        SampleAsync(@ref, reader.ReadQuery<SampleRequest>(context), context, entry, cancellationToken);

    private static async Task<Results<Ok<SampleResponse>, SampleEvents, ProblemHttpResult>> SampleByBodyAsync(
        string @ref, HttpContext context, RequestReader reader, InferenceEntry entry, CancellationToken cancellationToken) =>
        await SampleAsync(@ref, await reader.ReadBodyAsync<SampleRequest>(context, cancellationToken), context, entry, cancellationToken);

    private static async Task<Results<Ok<SampleResponse>, SampleEvents, ProblemHttpResult>> SampleAsync(
        string reference, RequestResult<SampleRequest> request, HttpContext context, InferenceEntry entry, CancellationToken cancellationToken)
    {
        if (!request.IsValid)
            return request.Problem;
        var admission = await entry.EnterAsync(reference, TaskKind.LanguageModel, cancellationToken);
        if (admission.Turn is not { } turn)
            return admission.Problem!;

        // Also where the answer is a stream that nobody comes to read.
        context.Response.RegisterForDispose(turn);
        if (ModelLabels.ProblemOrNull(turn.Hosted.Model, request.Value.Label) is { } wrongLabel)
            return wrongLabel;
        long seed = request.Value.Seed ?? (long)(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) & (ulong)TrainingMembers.MaximumSeed);
        var sampling = new Sampling(turn, request.Value, seed);
        if (EventStreams.AreWanted(context.Request))
            return new SampleEvents(sampling);
        return TypedResults.Ok(await sampling.RunAsync(cancellationToken));
    }

    private static Task<Results<Ok<ClassifyResponse>, ProblemHttpResult>> ClassifyByQueryAsync(
        string @ref, HttpContext context, RequestReader reader, InferenceEntry entry, CancellationToken cancellationToken)
    {
        var query = reader.ReadQuery<ClassifyQuery>(context);
        return query.IsValid ? ClassifyAsync(@ref, [query.Value.Text], entry, cancellationToken) : Task.FromResult<Results<Ok<ClassifyResponse>, ProblemHttpResult>>(query.Problem);
    }

    private static async Task<Results<Ok<ClassifyResponse>, ProblemHttpResult>> ClassifyByBodyAsync(
        string @ref, HttpContext context, RequestReader reader, InferenceEntry entry, CancellationToken cancellationToken)
    {
        var body = await reader.ReadBodyAsync<ClassifyRequest>(context, cancellationToken);
        return body.IsValid ? await ClassifyAsync(@ref, body.Value.Texts, entry, cancellationToken) : body.Problem;
    }

    private static async Task<Results<Ok<ClassifyResponse>, ProblemHttpResult>> ClassifyAsync(
        string reference, IReadOnlyList<string> texts, InferenceEntry entry, CancellationToken cancellationToken)
    {
        var admission = await entry.EnterAsync(reference, TaskKind.Classification, cancellationToken);
        if (admission.Turn is not { } turn)
            return admission.Problem!;
        using (turn)
        {
            var classifier = (SequenceClassifier)turn.Hosted.Model;
            var found = await Task.Run(() => classifier.Classify(texts, cancellationToken), cancellationToken);
            return TypedResults.Ok(new ClassifyResponse(turn.Model, turn.Version, [.. found.Select(ClassifyResult.Of)]));
        }
    }

    private static async Task<Results<Ok<ScoreResponse>, ProblemHttpResult>> ScoreAsync(
        string @ref, HttpContext context, RequestReader reader, InferenceEntry entry, CancellationToken cancellationToken)
    {
        var body = await reader.ReadBodyAsync<ScoreRequest>(context, cancellationToken);
        if (!body.IsValid)
            return body.Problem;
        var admission = await entry.EnterAsync(@ref, TaskKind.LanguageModel, cancellationToken);
        if (admission.Turn is not { } turn)
            return admission.Problem!;
        using (turn)
        {
            var hosted = turn.Hosted;
            if (ModelLabels.ProblemOrNull(hosted.Model, body.Value.Label) is { } wrongLabel)
                return wrongLabel;
            if (body.Value.Label is null && ModelLabels.TooManyOrNull(body.Value.Texts.Count, hosted.Model.Labels.Count) is { } tooMany)
                return tooMany;
            var results = await Task.Run(() => Scoring.Run(hosted, body.Value, cancellationToken), cancellationToken);
            return TypedResults.Ok(new ScoreResponse(turn.Model, turn.Version, results));
        }
    }

    private static async Task<Results<Ok<EvaluateResponse>, ProblemHttpResult>> EvaluateAsync(
        string @ref, HttpContext context, RequestReader reader, InferenceEntry entry, EvaluationData data, CancellationToken cancellationToken)
    {
        var body = await reader.ReadBodyAsync<EvaluateRequest>(context, cancellationToken);
        if (!body.IsValid)
            return body.Problem;
        var admission = await entry.EnterAsync(@ref, null, cancellationToken);
        if (admission.Turn is not { } turn)
            return admission.Problem!;
        using (turn)
            return await Evaluation.RunAsync(turn, body.Value, data, cancellationToken) is { } outcome && outcome.Response is { } response ? TypedResults.Ok(response) : outcome.Problem!;
    }
}
