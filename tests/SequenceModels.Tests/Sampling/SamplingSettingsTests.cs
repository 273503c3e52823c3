using SequenceModels.Sampling;

namespace SequenceModels.Tests.Sampling;

public sealed class SamplingSettingsTests
{
    public static TheoryData<SamplingSettings, string> OutOfRange => new()
    {
        { new() { Temperature = -0.1 }, "temperature is -0.1; 0..5 is allowed." },
        { new() { Temperature = 5.01 }, "temperature is 5.01; 0..5 is allowed." },
        { new() { Temperature = double.NaN }, "temperature is NaN; 0..5 is allowed." },
        { new() { TopK = 0 }, "topK is 0; 1..100000 is allowed." },
        { new() { TopP = 0 }, "topP is 0; above 0 to 1 is allowed." },
        { new() { TopP = 1.5 }, "topP is 1.5; above 0 to 1 is allowed." },
        { new() { MinP = -1 }, "minP is -1; 0..1 is allowed." },
        { new() { TypicalP = 0 }, "typicalP is 0; above 0 to 1 is allowed." },
        { new() { RepetitionPenalty = 0 }, "repetitionPenalty is 0; above 0 to 10 is allowed." },
        { new() { FrequencyPenalty = 2.5 }, "frequencyPenalty is 2.5; -2..2 is allowed." },
        { new() { PresencePenalty = -2.5 }, "presencePenalty is -2.5; -2..2 is allowed." },
        { new() { MaxTokens = 0 }, "maxTokens is 0; 1..100000 is allowed." },
        { new() { Choices = 257 }, "choices is 257; 1..256 is allowed." },
        { new() { LogProbabilities = 21 }, "logProbabilities is 21; 0..20 is allowed." },
        { new() { Seed = -1 }, "seed is -1; 0..9007199254740991 is allowed." },
        { new() { Stop = ["a", ""] }, "stop[1] has 0 characters; 1..256 are allowed." },
        { new() { Stop = ["\uD83D"] }, "stop[0] holds half of a surrogate pair; it must be well-formed Unicode." },
        { new() { Stop = [.. Enumerable.Repeat("a", 17)] }, "stop holds 17 texts; at most 16 are allowed." },
    };

    [Theory, MemberData(nameof(OutOfRange))]
    public void A_setting_out_of_range_is_named_with_its_value_and_range(SamplingSettings settings, string message)
    {
        var problem = Assert.Single(settings.Validate());

        Assert.Equal(message, $"{problem.Name} {problem.Message}");
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => new Sampler(settings, 5)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_problems_come_at_once() =>
        Assert.Equal(["temperature", "topK", "maxTokens"], new SamplingSettings { Temperature = 9, TopK = -1, MaxTokens = 0 }.Validate().Select(problem => problem.Name));

    [Fact]
    public void Both_ends_of_every_range_are_good()
    {
        Assert.Empty(new SamplingSettings { Temperature = 0, TopK = 1, MinP = 0, RepetitionPenalty = 1e-9, FrequencyPenalty = -2, PresencePenalty = -2, MaxTokens = 1, Choices = 1, Seed = 0 }.Validate());
        Assert.Empty(new SamplingSettings { Temperature = 5, TopK = 100_000, TopP = 1, MinP = 1, TypicalP = 1, RepetitionPenalty = 10, FrequencyPenalty = 2, PresencePenalty = 2, MaxTokens = 100_000, Choices = 256, Seed = SamplingSettings.MaximumSeed, Stop = ["😀\uFFFD"] }.Validate());
    }
}
