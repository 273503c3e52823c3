namespace SequenceModels.Sampling.Processors;

/// <summary>
/// Logits divided by the temperature. The largest is first subtracted from all, which changes no probability:
/// so a tiny temperature lets the others vanish instead of the largest overflow.
/// </summary>
internal sealed class Temperature(double temperature) : ILogitProcessor
{
    public void Apply(Span<float> logits, TokenHistory history, SamplingScratch scratch)
    {
        double max = SamplingMath.Max(logits);
        for (int i = 0; i < logits.Length; i++)
            logits[i] = (float)((logits[i] - max) / temperature);
    }
}
