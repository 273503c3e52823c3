using SequenceModels.Kernels;
using SequenceModels.Tests.Kernels;

namespace SequenceModels.Tests.Exactness;

/// <summary>One step of every update rule, and clipping, at every length that it takes: all that it writes.</summary>
internal static unsafe class UpdateRuns
{
    private static readonly UpdateConstants s_constants = new(0.5f, 0.01f, 0.02f, 0.999f);
    private static readonly AdamUpdate.Constants s_adam = new(0.5f, 0.9f, 0.999f, 0.01f, 3.2f, 1e-8f);

    /// <summary>A rule on values, gradients and up to three states, none of them negative.</summary>
    private delegate void Rule(KernelSet kernels, float* values, float* gradients, float* a, float* b, float* c, long length);

    /// <summary>The rules by name.</summary>
    public static IEnumerable<(string Name, Func<KernelSet, IEnumerable<float>> Run)> All { get; } =
    [
        Of("adam", 1, (set, v, g, a, b, _, length) => set.Adam(v, g, a, b, length, s_adam)),
        Of("adam with decay", 16, (set, v, g, a, b, _, length) => set.AdamVariant(v, g, a, b, null, length, s_adam, new(0.01f, 0.99f))),
        Of("adam with the largest", 16, (set, v, g, a, b, c, length) => set.AdamVariant(v, g, a, b, c, length, s_adam, new(0, 1))),
        Of("sgd", 16, (set, v, g, _, _, _, length) => set.Sgd(v, g, null, length, s_constants, 0, false)),
        Of("sgd with momentum", 16, (set, v, g, a, _, _, length) => set.Sgd(v, g, a, length, s_constants, 0.9f, false)),
        Of("sgd of Nesterov", 16, (set, v, g, a, _, _, length) => set.Sgd(v, g, a, length, s_constants, 0.9f, true)),
        Of("averaged sgd", 16, (set, v, g, a, _, _, length) => set.AveragedSgd(v, g, a, length, s_constants, 0.25f)),
        Of("adagrad", 16, (set, v, g, a, _, _, length) => set.Adagrad(v, g, a, length, s_constants, 1e-10f)),
        Of("rmsprop", 16, (set, v, g, a, _, _, length) => set.RmsProp(v, g, a, null, null, length, s_constants, new(0.99f, 0, 1e-8f))),
        Of("rmsprop, centred, with momentum", 16, (set, v, g, a, b, c, length) => set.RmsProp(v, g, a, b, c, length, s_constants, new(0.99f, 0.8f, 1e-8f))),
        Of("clipping of values", 16, (set, v, _, _, _, _, length) => set.ClipValues(v, length, 0.7f)),
    ];

    private static (string Name, Func<KernelSet, IEnumerable<float>> Run) Of(string name, int step, Rule rule) =>
        (name, kernels => KernelRuns.Lengths(step).SelectMany(length => Step(kernels, rule, length)));

    private static float[] Step(KernelSet kernels, Rule rule, int length)
    {
        using GuardedMemory values = KernelRuns.Filled(length, 31), gradients = KernelRuns.Filled(length, 32);
        using GuardedMemory a = Positive(length, 33), b = Positive(length, 34), c = Positive(length, 35);
        rule(kernels, values.Pointer, gradients.Pointer, a.Pointer, b.Pointer, c.Pointer, length);
        return [.. values.Values, .. gradients.Values, .. a.Values, .. b.Values, .. c.Values];
    }

    private static GuardedMemory Positive(int length, uint tensor)
    {
        var memory = KernelRuns.Filled(length, tensor);
        foreach (ref float value in memory.Values)
            value = Math.Abs(value);
        return memory;
    }
}
