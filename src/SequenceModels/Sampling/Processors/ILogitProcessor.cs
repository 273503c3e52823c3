namespace SequenceModels.Sampling.Processors;

/// <summary>One step from a model's logits to those that are sampled from. A removed token has a logit of minus infinity; one token always stays.</summary>
internal interface ILogitProcessor
{
    /// <summary>Changes the logits in place.</summary>
    /// <param name="logits">[V] logits.</param>
    /// <param name="history">Tokens of the text so far.</param>
    /// <param name="scratch">Memory to work in; nothing in it outlasts the call.</param>
    void Apply(Span<float> logits, TokenHistory history, SamplingScratch scratch);
}
