using SequenceModels.Tasks;

namespace SequenceModels.Layers;

/// <summary>One vector a row from the outputs of all its time steps; steps past a row's length do not count.</summary>
internal static unsafe class Pooling
{
    /// <summary>Pools over time.</summary>
    /// <param name="kind">Mean, maximum or last state (the first half's last step, for two directions the second half's first).</param>
    /// <param name="shape">T, B and lengths.</param>
    /// <param name="values">[T,B,F].</param>
    /// <param name="features">F.</param>
    /// <param name="directions">1 or 2.</param>
    /// <param name="output">[B,F] receives the pooled vectors.</param>
    /// <param name="choices">[B,F] receives the time step of each maximum; used by the kind Max only.</param>
    public static void Forward(PoolingKind kind, SequenceShape shape, float* values, int features, int directions, float* output, int* choices)
    {
        for (int b = 0; b < shape.Batch; b++)
        {
            int length = shape.Lengths?[b] ?? shape.Time;
            float* pooled = output + (long)b * features;
            if (kind == PoolingKind.Max)
            {
                Max(shape.Batch, b, length, values, features, pooled, choices + (long)b * features);
            }
            else if (kind == PoolingKind.Mean)
            {
                new Span<float>(pooled, features).Clear();
                for (int t = 0; t < length; t++)
                {
                    float* row = Row(values, shape.Batch, t, b, features);
                    for (int j = 0; j < features; j++)
                        pooled[j] += row[j];
                }

                for (int j = 0; j < features; j++)
                    pooled[j] /= length;
            }
            else
            {
                for (int j = 0; j < features; j++)
                    pooled[j] = Row(values, shape.Batch, LastStep(j, features, directions, length), b, features)[j];
            }
        }
    }

    /// <summary>The gradients of <see cref="Forward"/>: overwrites <paramref name="gradient"/> [T,B,F] from <paramref name="outputGradient"/> [B,F].</summary>
    public static void Backward(PoolingKind kind, SequenceShape shape, float* outputGradient, int features, int directions, int* choices, float* gradient)
    {
        Tensors.Memory.Clear(gradient, (long)shape.Rows * features);
        for (int b = 0; b < shape.Batch; b++)
        {
            int length = shape.Lengths?[b] ?? shape.Time;
            float* pooled = outputGradient + (long)b * features;
            if (kind == PoolingKind.Mean)
            {
                for (int t = 0; t < length; t++)
                {
                    float* row = Row(gradient, shape.Batch, t, b, features);
                    for (int j = 0; j < features; j++)
                        row[j] = pooled[j] / length;
                }

                continue;
            }

            for (int j = 0; j < features; j++)
            {
                int t = kind == PoolingKind.Max ? choices[(long)b * features + j] : LastStep(j, features, directions, length);
                Row(gradient, shape.Batch, t, b, features)[j] = pooled[j];
            }
        }
    }

    private static int LastStep(int feature, int features, int directions, int length) =>
        directions == 2 && feature >= features / 2 ? 0 : length - 1;

    private static float* Row(float* values, int batch, int time, int row, int features) => values + ((long)time * batch + row) * features;

    // Among equal maxima the first step wins.
    private static void Max(int batch, int b, int length, float* values, int features, float* pooled, int* choices)
    {
        new Span<int>(choices, features).Clear();
        new ReadOnlySpan<float>(Row(values, batch, 0, b, features), features).CopyTo(new Span<float>(pooled, features));
        for (int t = 1; t < length; t++)
        {
            float* row = Row(values, batch, t, b, features);
            for (int j = 0; j < features; j++)
            {
                if (row[j] <= pooled[j])
                    continue;
                pooled[j] = row[j];
                choices[j] = t;
            }
        }
    }
}
