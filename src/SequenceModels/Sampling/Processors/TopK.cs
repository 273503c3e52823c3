namespace SequenceModels.Sampling.Processors;

/// <summary>Removes tokens whose logit is below the k-th largest. Tokens equal to the k-th stay, so more than k can.</summary>
internal sealed class TopK(int k) : ILogitProcessor
{
    public void Apply(Span<float> logits, TokenHistory history, SamplingScratch scratch)
    {
        if (k >= logits.Length)
            return;
        float cut = scratch.Cut(logits, [], k);
        foreach (ref float logit in logits)
            logit = logit < cut ? float.NegativeInfinity : logit;
    }
}
