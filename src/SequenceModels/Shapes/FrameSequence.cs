namespace SequenceModels.Shapes;

/// <summary>A frame, that is a vector of numbers, a step: measurements of a sensor, coefficients of a sound, several answers of yes (1) and no (0).</summary>
public sealed class FrameSequence : SequenceData
{
    private readonly float[] _values;

    /// <summary>A sequence of frames.</summary>
    /// <param name="values">[T,F] the frames, one after another. Not copied.</param>
    /// <param name="features">F, numbers of a frame, 1 or more.</param>
    /// <exception cref="ArgumentException">The numbers do not make whole frames.</exception>
    public FrameSequence(float[] values, int features)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        if (values.Length % features != 0)
            throw new ArgumentException($"{values.Length} numbers do not make whole frames of {features}.", nameof(values));
        (_values, Features) = (values, features);
    }

    /// <summary>F, numbers of a frame.</summary>
    public int Features { get; }

    /// <inheritdoc/>
    public override int Length => _values.Length / Features;

    /// <summary>[T,F] all frames.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>The frame of a step.</summary>
    /// <param name="step">The step, from 0.</param>
    public ReadOnlySpan<float> this[int step] => _values.AsSpan(step * Features, Features);

    /// <summary>A sequence of a single frame.</summary>
    /// <param name="values">The frame.</param>
    public static FrameSequence Vector(params float[] values) => new(values, Math.Max(1, values.Length));

    /// <summary>The greatest number's place in each frame, the first of equals: the most probable token or label, where the frames are probabilities.</summary>
    public TokenSequence MostProbable()
    {
        var places = new int[Length];
        for (int step = 0; step < places.Length; step++)
        {
            var frame = this[step];
            for (int i = 1; i < frame.Length; i++)
            {
                if (frame[i] > frame[places[step]])
                    places[step] = i;
            }
        }

        return new TokenSequence(places);
    }
}
