namespace SequenceModels.Sampling.Processors;

/// <summary>Removes tokens less than minP times as probable as the most probable one (Nguyen et al. 2024).</summary>
internal sealed class MinP(double minP) : ILogitProcessor
{
    public void Apply(Span<float> logits, TokenHistory history, SamplingScratch scratch)
    {
        double max = SamplingMath.Max(logits);

        // p / max p = e^(logit - max logit): the sum over all tokens is not needed.
        foreach (ref float logit in logits)
            logit = SamplingMath.Exp(logit - max) < minP ? float.NegativeInfinity : logit;
    }
}
