namespace RnnService.Api.TrainingJobs.DryRuns;

/// <summary>The answer of a dry run in the OpenAPI document, five of its reasons shown.</summary>
internal static class DryRunExample
{
    public const string Json = """
        {
          "model": "dinosaurs", "task": "languageModel",
          "dataset": {"name": "dinosaurs", "sha256": "d311641dfeb8e0f7ee4c36d8f657765883a2af17db03b387c17b1a3b66ca3772", "sequences": 1212, "characters": 14302, "tokens": 15514},
          "validation": {"fraction": 0.1, "dataset": null, "method": "shuffled", "sequences": 135, "characters": 1576, "tokens": 1711},
          "tags": {}, "warnings": [],
          "resolved": {
            "architecture": {
              "cell": "lstm", "layers": 1, "hiddenSize": 128, "embeddingSize": 32, "bidirectional": false, "dropout": 0.5, "dropoutKind": "standard", "inputDropout": 0,
              "outputDropout": 0.5, "embeddingDropout": 0.1, "weightDropout": 0.3, "zoneout": 0, "residual": false, "layerNorm": false, "tiedEmbeddings": false,
              "learnedInitialState": false, "tokenizer": "character", "lowerCase": false, "minimumCount": 1, "pooling": null
            },
            "training": {
              "epochs": 100, "batchSize": 32, "sequenceLength": 24, "optimizer": "adam", "learningRate": 0.004, "rangeTest": null,
              "schedule": {
                "kind": "constant", "warmupSteps": 0, "decayFactor": null, "epochsPerDecay": null, "leastFraction": null, "riseFraction": null, "initialDivisor": null,
                "finalDivisor": null, "patience": null, "threshold": null, "cooldown": null
              },
              "gradientClipNorm": 5, "gradientClipValue": null, "gradientAccumulation": 1, "activationRegularization": 0, "temporalActivationRegularization": 0,
              "labelSmoothing": 0, "classWeights": null, "validateEverySteps": null, "gradualUnfreezing": null, "layerRateDecay": null, "earlyStoppingPatience": 8,
              "maxSeconds": null, "seed": 4147326707087403, "momentum": null, "nesterov": null, "rmsPropDecay": null, "centered": null, "beta1": 0.9, "beta2": 0.999,
              "amsGrad": false, "epsilon": 1e-8, "weightDecay": 0, "averagingPatience": null
            },
            "parameters": 91638, "memoryBytes": 13582076, "base": null, "reasons": null
          },
          "reasons": [
            {"member": "validation.fraction", "value": 0.1, "reason": "A tenth unless asked for otherwise: enough to measure on, and most is left to learn from."},
            {"member": "architecture.hiddenSize", "value": 128, "reason": "15,514 characters of 1,212 lines, line ends counted, fewer than 50,000: more units learn such data by heart, or take longer than they gain."},
            {"member": "architecture.weightDropout", "value": 0.3, "reason": "15,514 characters of 1,212 lines, line ends counted, fewer than 50,000: recurrent weights are dropped, so that so little is not learned by heart."},
            {"member": "training.sequenceLength", "value": 24, "reason": "The longest of 1,212 lines has 24 characters, its end counted."},
            {"member": "training.seed", "value": 4147326707087403, "reason": "None was given, so one was drawn; given again with the same data and settings, it gives the same weights."}
          ],
          "estimate": {
            "secondsAtMost": 11.842, "secondsPerEpoch": 0.113, "preparationSeconds": 0.307, "evaluationSeconds": 0.167, "tokensPerSecond": 214632, "measuredSteps": 1078,
            "measuredSeconds": 2.051, "memoryBytes": 205291260, "threads": 1, "busy": false, "startsAt": "2026-01-02T03:04:05.678Z",
            "queue": {"position": 1, "waiting": 0, "full": false}
          }
        }
        """;
}
