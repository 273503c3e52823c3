using SequenceModels.Randomness;

namespace SequenceModels.Shapes;

/// <summary>Where the states come from that a decoder begins with.</summary>
internal unsafe interface IStateSource
{
    /// <summary>The states for each row of a batch.</summary>
    /// <param name="batch">The inputs.</param>
    /// <param name="hidden">[L,B,H] receives h.</param>
    /// <param name="cell">[L,B,H] receives c, for cells that have one.</param>
    /// <param name="random">Key of the masks.</param>
    /// <param name="training">Whether a backward pass follows.</param>
    void Forward(SequenceBatches batch, float* hidden, float* cell, CounterRandom random, bool training);

    /// <summary>Back-propagates the gradients of the last <see cref="Forward"/>, which may be overwritten, to all parameters.</summary>
    /// <param name="hiddenGradient">[L,B,H].</param>
    /// <param name="cellGradient">[L,B,H].</param>
    void Backward(float* hiddenGradient, float* cellGradient);
}
