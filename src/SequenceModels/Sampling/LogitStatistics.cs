namespace SequenceModels.Sampling;

/// <summary>What logits say of single tokens, without any setting of sampling.</summary>
internal static class LogitStatistics
{
    /// <summary>Log-probability and rank of a token, and the entropy of the whole distribution: H = ln Z - sum of p (x - max), with Z = sum of e^(x - max).</summary>
    /// <param name="logits">[V] the model's logits, finite.</param>
    /// <param name="token">The token.</param>
    public static TokenScore Score(ReadOnlySpan<float> logits, int token)
    {
        double max = SamplingMath.Max(logits), sum = 0, weighted = 0;
        int rank = 1;
        foreach (float logit in logits)
        {
            double distance = logit - max, weight = SamplingMath.Exp(distance);
            sum += weight;
            weighted += weight * distance;
            if (logit > logits[token])
                rank++;
        }

        double logSum = SamplingMath.Log(sum);
        return new(token, logits[token] - max - logSum, rank, logSum - weighted / sum);
    }

    /// <summary>The most probable tokens, best first, of equals the lowest.</summary>
    /// <param name="logits">[V] the model's logits, finite.</param>
    /// <param name="count">How many; fewer where the vocabulary is smaller.</param>
    public static TokenProbability[] Top(ReadOnlySpan<float> logits, int count)
    {
        Span<int> best = stackalloc int[Math.Min(count, logits.Length)];
        int found = 0;
        for (int token = 0; token < logits.Length && best.Length > 0; token++)
        {
            if (found == best.Length && logits[token] <= logits[best[^1]])
                continue;
            int place = found < best.Length ? found++ : found - 1;
            for (; place > 0 && logits[best[place - 1]] < logits[token]; place--)
                best[place] = best[place - 1];
            best[place] = token;
        }

        var top = new TokenProbability[found];
        for (int i = 0; i < found; i++)
            top[i] = new(best[i], SamplingMath.LogProbability(logits, best[i]));
        return top;
    }
}
