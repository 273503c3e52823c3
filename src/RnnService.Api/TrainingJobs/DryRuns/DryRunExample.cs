namespace RnnService.Api.TrainingJobs.DryRuns;

/// <summary>The answer of a dry run in the OpenAPI document.</summary>
internal static class DryRunExample
{
    public const string Json = """
        { "model": "dinosaurs", "task": "languageModel",
          "dataset": { "name": "dinosaurs", "sha256": "9f2c...", "sequences": 1212, "characters": 14261, "tokens": 15473 },
          "validation": { "fraction": 0.1, "dataset": null, "method": "shuffled", "sequences": 135, "characters": 1617, "tokens": 1752 }, "tags": { "team": "demo" }, "warnings": [],
          "resolved": {
            "architecture": { "cell": "lstm", "layers": 1, "hiddenSize": 128, "embeddingSize": 64, "bidirectional": false, "dropout": 0.2, "dropoutKind": "standard", "inputDropout": null, "outputDropout": null, "embeddingDropout": 0, "weightDropout": 0, "zoneout": 0,
                              "residual": false, "layerNorm": false, "tiedEmbeddings": false, "learnedInitialState": false, "tokenizer": "character", "lowerCase": false, "minimumCount": 1, "pooling": null },
            "training": { "epochs": 20, "batchSize": 32, "sequenceLength": 27, "optimizer": "adam", "learningRate": 0.002, "rangeTest": null, "schedule": { "kind": "constant", "warmupSteps": 0, "decayFactor": null, "epochsPerDecay": null, "leastFraction": null, "riseFraction": null, "initialDivisor": null, "finalDivisor": null, "patience": null, "threshold": null, "cooldown": null },
                          "gradientClipNorm": 5, "gradientClipValue": null, "gradientAccumulation": 1, "activationRegularization": 0, "temporalActivationRegularization": 0, "labelSmoothing": 0, "classWeights": null,
                          "validateEverySteps": null, "gradualUnfreezing": null, "layerRateDecay": null, "earlyStoppingPatience": 5, "maxSeconds": null, "seed": 42, "momentum": null, "nesterov": null, "rmsPropDecay": null, "centered": null, "beta1": 0.9, "beta2": 0.999, "amsGrad": false, "epsilon": 1e-8, "weightDecay": 0, "averagingPatience": null },
            "parameters": 111259, "memoryBytes": 6000000, "base": null, "reasons": null },
          "reasons": [ { "member": "architecture.bidirectional", "value": false, "reason": "A language model predicts what follows, so it reads forwards only." } ],
          "estimate": { "secondsAtMost": 9.4, "secondsPerEpoch": 0.42, "preparationSeconds": 0.2, "evaluationSeconds": 0.8, "tokensPerSecond": 42000, "measuredSteps": 90, "measuredSeconds": 1.1, "memoryBytes": 120000000,
            "threads": 2, "busy": false, "startsAt": "2026-01-02T03:04:05.678Z", "queue": { "position": 1, "waiting": 0, "full": false } } }
        """;
}
