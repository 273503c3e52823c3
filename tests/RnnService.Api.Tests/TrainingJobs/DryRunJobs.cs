using System.Globalization;
using System.Text.Json.Nodes;

namespace RnnService.Api.Tests.TrainingJobs;

/// <summary>Six jobs that differ in task, data, network and size, of some seconds to half a minute each; nothing ends them early.</summary>
internal static class DryRunJobs
{
    private static readonly string[] s_syllables = ["ka", "lo", "mi", "re", "tu", "sen", "va", "nor", "pel", "dri", "os", "um", "qua", "fe", "zi", "gor"];

    public static JsonObject Of(string name) => name switch
    {
        "names" => Job("languageModel", Named("dinosaurs"), new JsonObject(), epochs: 60),
        "text" => Job("languageModel", new JsonObject { ["text"] = Text(220_000, 400) }, new JsonObject { ["layers"] = 2, ["hiddenSize"] = 256 }, epochs: 4),
        "opinions" => Job("classification", Named("opinions"), new JsonObject(), epochs: 60),
        "gru" => Job("classification", new JsonObject { ["examples"] = Examples(4000) }, new JsonObject { ["cell"] = "gru", ["bidirectional"] = true, ["hiddenSize"] = 96, ["tokenizer"] = "character" }, epochs: 6),
        "words" => Job("languageModel", new JsonObject { ["text"] = Text(600_000, 3000) }, new JsonObject { ["tokenizer"] = "word", ["hiddenSize"] = 192 }, epochs: 5),
        "wide" => Job("languageModel", Named("dinosaurs"), new JsonObject { ["hiddenSize"] = 1024, ["embeddingSize"] = 128 }, epochs: 2),
        _ => throw new ArgumentException($"There is no job {name}.", nameof(name)),
    };

    private static JsonObject Job(string task, JsonObject dataset, JsonObject architecture, int epochs) => new()
    {
        ["model"] = "tried",
        ["task"] = task,
        ["dataset"] = dataset,
        ["architecture"] = architecture,
        ["training"] = new JsonObject { ["epochs"] = epochs, ["earlyStoppingPatience"] = 1000, ["seed"] = 3 },
    };

    private static JsonObject Named(string name) => new() { ["name"] = name };

    /// <summary>Sentences of made-up words, the frequent ones far more frequent than the rare.</summary>
    private static string Text(int characters, int words)
    {
        var text = new System.Text.StringBuilder();
        uint state = 1;
        for (int number = 0; text.Length < characters; number++)
            text.Append(Word(Next(ref state) * Next(ref state) % (uint)words)).Append(number % 12 == 11 ? ".\n" : " ");
        return text.ToString();
    }

    private static JsonArray Examples(int count)
    {
        uint state = 1;
        var examples = new JsonArray();
        for (int i = 0; i < count; i++)
        {
            var words = Enumerable.Range(0, 3 + (int)(Next(ref state) % 14)).Select(_ => Word(Next(ref state) % 500)).ToArray();
            examples.Add(new JsonObject { ["text"] = string.Join(' ', words), ["label"] = words.Length.ToString(CultureInfo.InvariantCulture)[^1..] });
        }

        return examples;
    }

    private static string Word(uint number)
    {
        string word = "";
        for (uint rest = number + 1; rest > 0; rest /= 16)
            word += s_syllables[rest % 16];
        return word;
    }

    private static uint Next(ref uint state) => (state = state * 1_664_525 + 1_013_904_223) >> 12;
}
