namespace SequenceModels.Sampling.Processors;

/// <summary>Nucleus sampling: keeps a token if the strictly more probable ones have less than p of probability together (Holtzman et al. 2020). The most probable always stays.</summary>
internal sealed class TopP(double p) : ILogitProcessor
{
    public void Apply(Span<float> logits, TokenHistory history, SamplingScratch scratch)
    {
        SamplingMath.Softmax(logits, scratch.Probabilities);
        float cut = scratch.Cut(logits, scratch.Probabilities, p);
        foreach (ref float logit in logits)
            logit = logit < cut ? float.NegativeInfinity : logit;
    }
}
