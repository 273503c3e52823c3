using System.Text.Json;
using SequenceModels.Sampling;
using SequenceModels.Tests.Fixtures;

namespace SequenceModels.Tests.Sampling;

public sealed class SamplingGoldenTests
{
    public static TheoryData<string> Distributions => GoldenFixtures.Keys("sampling", golden => golden.Has("inputs", "logits"));

    public static TheoryData<string> Draws => GoldenFixtures.Keys("sampling", golden => golden.Has("inputs", "u"));

    [Theory, MemberData(nameof(Distributions))]
    public void The_distribution_drawn_from_is_the_golden_one(string key)
    {
        var golden = GoldenFixtures.Case(key);
        float[] logits = golden.Tensor("inputs", "logits").Floats;
        var history = new TokenHistory();
        foreach (int token in golden.Integers("inputs", "history"))
            history.Add(token);

        double[] probabilities = [.. new Sampler(SettingsOf(golden), logits.Length).Distribution(logits, history)];

        golden.Float32.AssertClose(golden.Tensor("outputs", "probs"), probabilities, $"{golden}: probabilities");
        Assert.Equal(golden.Integers("outputs", "kept"), probabilities.Index().Where(p => p.Item > 0).Select(p => p.Index));
    }

    [Theory, MemberData(nameof(Distributions))]
    public void Temperature_zero_takes_the_token_most_probable_before_the_filters(string key)
    {
        var golden = GoldenFixtures.Case(key);
        float[] logits = golden.Tensor("inputs", "logits").Floats;
        var history = new TokenHistory();
        foreach (int token in golden.Integers("inputs", "history"))
            history.Add(token);
        var settings = SettingsOf(golden) with { Temperature = 0 };

        int taken = new Sampler(settings, logits.Length).Next(logits, history, 0.999);

        // Typical-p alone may remove the most probable token: it is then looked for without it.
        int want = settings.TypicalP is null
            ? golden.At("outputs", "argmax").GetInt32()
            : MostProbable(new Sampler(SettingsOf(golden) with { TypicalP = null }, logits.Length).Distribution(logits, history));
        Assert.Equal(want, taken);
    }

    [Theory, MemberData(nameof(Draws))]
    public void Draws_by_the_inverse_cumulative_distribution_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        double[] probabilities = golden.Tensor("inputs", "probs").Values;

        var drawn = golden.Tensor("inputs", "u").Values.Select(u => SamplingMath.Draw(probabilities, u));

        Assert.Equal(golden.Integers("outputs", "index"), drawn);
    }

    private static int MostProbable(ReadOnlySpan<double> probabilities)
    {
        double[] all = probabilities.ToArray();
        return Array.IndexOf(all, all.Max());
    }

    // Settings of ours are named after the fixtures' by dropping the underscores; a setting unknown to us fails the test.
    private static SamplingSettings SettingsOf(GoldenCase golden)
    {
        var settings = new SamplingSettings();
        foreach (var setting in golden.At("config").EnumerateObject().Where(s => s.Value.ValueKind == JsonValueKind.Number))
        {
            settings = setting.Name switch
            {
                "temperature" => settings with { Temperature = setting.Value.GetDouble() },
                "top_k" => settings with { TopK = setting.Value.GetInt32() },
                "top_p" => settings with { TopP = setting.Value.GetDouble() },
                "min_p" => settings with { MinP = setting.Value.GetDouble() },
                "typical_p" => settings with { TypicalP = setting.Value.GetDouble() },
                "repetition_penalty" => settings with { RepetitionPenalty = setting.Value.GetDouble() },
                "frequency_penalty" => settings with { FrequencyPenalty = setting.Value.GetDouble() },
                "presence_penalty" => settings with { PresencePenalty = setting.Value.GetDouble() },
                _ => throw new InvalidDataException($"{golden} has the setting '{setting.Name}', which this test does not know."),
            };
        }

        return settings;
    }
}
