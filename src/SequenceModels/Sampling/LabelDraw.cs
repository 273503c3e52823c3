using SequenceModels.Randomness;

namespace SequenceModels.Sampling;

/// <summary>Draws the labels that texts of a conditional language model are then drawn under.</summary>
public static class LabelDraw
{
    /// <summary>Apart from the tensor of the tokens' draws.</summary>
    private const uint LabelTensor = 1;

    /// <summary>A label, drawn by the shares of the labels. It depends on shares, seed and choice alone.</summary>
    /// <param name="shares">Probability of each label; they sum to 1.</param>
    /// <param name="seed">The seed that the texts are drawn with.</param>
    /// <param name="choice">Number of the text.</param>
    /// <returns>The number of a label whose share is above 0.</returns>
    /// <exception cref="ArgumentException">No share is above 0.</exception>
    public static int Draw(IReadOnlyList<double> shares, long seed, int choice)
    {
        double uniform = new CounterRandom(seed, RandomPurpose.Sampling, (uint)choice, LabelTensor).UniformDouble(0), sum = 0;
        int last = -1;
        for (int label = 0; label < shares.Count; label++)
        {
            sum += shares[label];
            if (shares[label] > 0)
                last = label;
            if (uniform < sum)
                return label;
        }

        return last >= 0 ? last : throw new ArgumentException("No share is above 0.", nameof(shares)); // rounded, the shares sum to a little less than 1
    }
}
