using SequenceModels.Sampling.Processors;

namespace SequenceModels.Sampling;

/// <summary>
/// Turns a model's logits into the next token: penalties, temperature, top-k, top-p, min-p, typical-p, softmax, draw. Each filter sees what the one before left, made
/// to sum to 1 again. Works in memory of its own and allocates nothing a token: one sampler serves many samples, but one thread at a time.
/// </summary>
internal sealed class Sampler
{
    private readonly ILogitProcessor[] _processors;
    private readonly SamplingScratch _scratch;
    private readonly float[] _logits;
    private readonly int? _excluded;
    private readonly bool _greedy;

    /// <summary>Prepares the steps that the settings ask for.</summary>
    /// <param name="settings">How to draw.</param>
    /// <param name="vocabularySize">V, 1 or more.</param>
    /// <param name="excludedToken">A token that is never drawn, or <c>null</c>.</param>
    /// <exception cref="ArgumentException">The settings are out of range; the message names each.</exception>
    public Sampler(SamplingSettings settings, int vocabularySize, int? excludedToken = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        var problems = settings.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(' ', problems.Select(problem => $"{problem.Name} {problem.Message}")), nameof(settings));
        _greedy = settings.Temperature == 0;
        _processors = [.. ProcessorsOf(settings)];
        _scratch = new SamplingScratch(vocabularySize);
        _logits = new float[vocabularySize];
        _excluded = excludedToken;
    }

    /// <summary>Draws the next token: the smallest i with <paramref name="uniform"/> below p[0] + ... + p[i].</summary>
    /// <param name="logits">[V] the model's logits; they stay as they are.</param>
    /// <param name="history">Tokens of the text so far, for the penalties.</param>
    /// <param name="uniform">A random number from 0 to below 1; not looked at when the temperature is 0.</param>
    /// <returns>The token.</returns>
    /// <exception cref="ArgumentException">The number of logits is not that of the vocabulary.</exception>
    /// <exception cref="InvalidOperationException">A logit is NaN or infinite, or no token is left to draw.</exception>
    public int Next(ReadOnlySpan<float> logits, TokenHistory history, double uniform)
    {
        Process(logits, history);
        if (_greedy)
            return SamplingMath.ArgMax(_logits);
        SamplingMath.Softmax(_logits, _scratch.Probabilities);
        return SamplingMath.Draw(_scratch.Probabilities, uniform);
    }

    /// <summary>The distribution that <see cref="Next"/> draws from.</summary>
    /// <param name="logits">[V] the model's logits; they stay as they are.</param>
    /// <param name="history">Tokens of the text so far, for the penalties.</param>
    /// <returns>[V] probabilities, 0 for removed tokens; valid until the next call.</returns>
    /// <exception cref="ArgumentException">The number of logits is not that of the vocabulary.</exception>
    /// <exception cref="InvalidOperationException">A logit is NaN or infinite, or no token is left to draw.</exception>
    public ReadOnlySpan<double> Distribution(ReadOnlySpan<float> logits, TokenHistory history)
    {
        Process(logits, history);
        if (_greedy)
        {
            Array.Clear(_scratch.Probabilities);
            _scratch.Probabilities[SamplingMath.ArgMax(_logits)] = 1;
        }
        else
        {
            SamplingMath.Softmax(_logits, _scratch.Probabilities);
        }

        return _scratch.Probabilities;
    }

    private static IEnumerable<ILogitProcessor> ProcessorsOf(SamplingSettings settings)
    {
        if (settings.RepetitionPenalty != 1)
            yield return new RepetitionPenalty(settings.RepetitionPenalty);
        if (settings.FrequencyPenalty != 0 || settings.PresencePenalty != 0)
            yield return new FrequencyPenalty(settings.FrequencyPenalty, settings.PresencePenalty);
        if (settings.Temperature == 0)
            yield break;
        if (settings.Temperature != 1)
            yield return new Temperature(settings.Temperature);
        if (settings.TopK is { } k)
            yield return new TopK(k);
        if (settings.TopP is { } topP and < 1)
            yield return new TopP(topP);
        if (settings.MinP is { } minP and > 0)
            yield return new MinP(minP);
        if (settings.TypicalP is { } typicalP and < 1)
            yield return new TypicalP(typicalP);
    }

    private void Process(ReadOnlySpan<float> logits, TokenHistory history)
    {
        if (logits.Length != _logits.Length)
            throw new ArgumentException($"There are {logits.Length} logits for a vocabulary of {_logits.Length} tokens.", nameof(logits));
        foreach (float logit in logits)
        {
            if (float.IsNaN(logit) || float.IsPositiveInfinity(logit))
                throw new InvalidOperationException($"The model gives a logit of {logit}: its parameters are not those of a trained model.");
        }

        logits.CopyTo(_logits);
        if (_excluded is { } excluded)
            _logits[excluded] = float.NegativeInfinity;
        if (float.IsNegativeInfinity(SamplingMath.Max(_logits)))
            throw new InvalidOperationException("The model gives no token any probability.");
        foreach (var processor in _processors)
            processor.Apply(_logits, history, _scratch);
    }
}
