namespace SequenceModels.Sampling.Processors;

/// <summary>For each different token of the text so far: its logit loses count times the frequency penalty, and the presence penalty once (OpenAI's definition).</summary>
internal sealed class FrequencyPenalty(double frequency, double presence) : ILogitProcessor
{
    public void Apply(Span<float> logits, TokenHistory history, SamplingScratch scratch)
    {
        foreach (var (token, count) in history.Counts)
            logits[token] = (float)(logits[token] - (count * frequency + presence));
    }
}
