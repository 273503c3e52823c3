namespace SequenceModels.Sampling.Processors;

/// <summary>
/// Locally typical sampling: ranks tokens by how near their surprise -ln p is to the entropy, nearest first, and keeps a token
/// if those strictly nearer have less than p of probability together (Meister et al. 2023).
/// </summary>
internal sealed class TypicalP(double p) : ILogitProcessor
{
    public void Apply(Span<float> logits, TokenHistory history, SamplingScratch scratch)
    {
        double[] probabilities = scratch.Probabilities;
        float[] ranks = scratch.Ranks;
        SamplingMath.Softmax(logits, probabilities);
        double entropy = 0;
        foreach (double probability in probabilities)
        {
            if (probability > 0)
                entropy -= probability * SamplingMath.Log(probability);
        }

        for (int i = 0; i < probabilities.Length; i++)
            ranks[i] = (float)-Math.Abs(-SamplingMath.Log(probabilities[i]) - entropy);
        float cut = scratch.Cut(ranks, probabilities, p);
        for (int i = 0; i < logits.Length; i++)
            logits[i] = ranks[i] < cut ? float.NegativeInfinity : logits[i];
    }
}
