using SequenceModels.Randomness;
using SequenceModels.Text;

namespace SequenceModels.Sampling;

/// <summary>
/// Draws texts from a language model. The token at a position of a choice depends on the model, the prompt, the settings and (seed, choice, position) alone:
/// never on how many choices are drawn, nor on the others. The unknown token is never drawn.
/// </summary>
public static class TextGenerator
{
    /// <summary>Draws <see cref="SamplingSettings.Choices"/> texts that follow a prompt.</summary>
    /// <param name="createStepper">Makes a stepper of so many rows at the beginning of a sequence; it is disposed of.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="startToken">The token that a sequence begins with; read before the prompt.</param>
    /// <param name="prompt">The text to go on from; empty for a new sequence.</param>
    /// <param name="settings">How to draw.</param>
    /// <param name="cancellationToken">Looked at before each token.</param>
    /// <returns>The texts by number of choice.</returns>
    /// <exception cref="ArgumentException">The settings are out of range, or the model and the tokenizer have different vocabularies.</exception>
    /// <exception cref="InvalidOperationException">The model's logits are NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<GeneratedText> Generate(
        Func<int, ITokenStepper> createStepper, ITokenizer tokenizer, int startToken, string prompt, SamplingSettings settings, CancellationToken cancellationToken) =>
        Generate(createStepper, tokenizer, startToken, prompt, settings, null, cancellationToken);

    /// <summary>Draws <see cref="SamplingSettings.Choices"/> texts that follow a prompt, and passes them on while they grow.</summary>
    /// <param name="createStepper">Makes a stepper of so many rows at the beginning of a sequence; it is disposed of.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="startToken">The token that a sequence begins with; read before the prompt.</param>
    /// <param name="prompt">The text to go on from; empty for a new sequence.</param>
    /// <param name="settings">How to draw.</param>
    /// <param name="onText">
    /// Receives the choice and the text that its next tokens add, whole code points, never empty; joined, a choice's pieces are its final text. What may be the beginning of
    /// a stop string is held back until it is known not to be. <c>null</c>: nobody listens.
    /// </param>
    /// <param name="cancellationToken">Looked at before each token.</param>
    /// <returns>The texts by number of choice.</returns>
    /// <exception cref="ArgumentException">The settings are out of range, or the model and the tokenizer have different vocabularies.</exception>
    /// <exception cref="InvalidOperationException">The model's logits are NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<GeneratedText> Generate(
        Func<int, ITokenStepper> createStepper, ITokenizer tokenizer, int startToken, string prompt, SamplingSettings settings, Action<int, string>? onText, CancellationToken cancellationToken)
    {
        var vocabulary = tokenizer.Vocabulary;
        var sampler = new Sampler(settings, vocabulary.Count, Vocabulary.Unknown);
        int[] promptTokens = tokenizer.Encode(prompt);
        var stops = new StopMatcher(settings.Stop);
        var samples = new GrowingSample[settings.Choices];
        for (int choice = 0; choice < samples.Length; choice++)
        {
            samples[choice] = new GrowingSample(choice, tokenizer.CreateDecoder(prompt), stops, settings, onText);
            foreach (int token in promptTokens)
                samples[choice].History.Add(token);
        }

        using var stepper = createStepper(samples.Length);
        if (stepper.VocabularySize != vocabulary.Count)
            throw new ArgumentException($"The model has {stepper.VocabularySize} tokens, its tokenizer {vocabulary.Count}.", nameof(createStepper));
        var next = new int[samples.Length];
        Read(stepper, next, startToken, cancellationToken);
        foreach (int token in promptTokens)
            Read(stepper, next, token, cancellationToken);

        for (int position = 0; Draw(stepper, sampler, samples, vocabulary.End, settings.Seed, position, next); position++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            stepper.Step(next);
        }

        return [.. samples.Select(sample => sample.Result())];
    }

    private static void Read(ITokenStepper stepper, int[] tokens, int token, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Array.Fill(tokens, token);
        stepper.Step(tokens);
    }

    /// <summary>Draws the next token of each unfinished sample.</summary>
    /// <returns>Whether any sample goes on.</returns>
    private static bool Draw(ITokenStepper stepper, Sampler sampler, GrowingSample[] samples, int? end, long seed, int position, int[] next)
    {
        bool anyLeft = false;
        for (int choice = 0; choice < samples.Length; choice++)
        {
            var sample = samples[choice];
            next[choice] = -1;
            if (sample.Finished is not null)
                continue;
            var logits = stepper.Logits(choice);
            double uniform = new CounterRandom(seed, RandomPurpose.Sampling, (uint)choice).UniformDouble(position);
            int token = sampler.Next(logits, sample.History, uniform);
            sample.Add(token, token == end, logits);
            if (sample.Finished is not null)
                continue;
            next[choice] = token;
            anyLeft = true;
        }

        return anyLeft;
    }
}
