namespace SequenceModels.Sampling.Processors;

/// <summary>For each different token of the text so far: a positive logit is divided by the penalty, a negative one multiplied (Keskar et al. 2019, CTRL).</summary>
internal sealed class RepetitionPenalty(double penalty) : ILogitProcessor
{
    public void Apply(Span<float> logits, TokenHistory history, SamplingScratch scratch)
    {
        foreach (int token in history.Counts.Keys)
        {
            double logit = logits[token];
            if (double.IsInfinity(logit))
                continue;

            // A tiny penalty must not make a logit infinite: infinity less infinity has no softmax.
            logits[token] = (float)Math.Clamp(logit < 0 ? logit * penalty : logit / penalty, float.MinValue, float.MaxValue);
        }
    }
}
