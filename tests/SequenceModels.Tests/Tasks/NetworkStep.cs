using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Training;

namespace SequenceModels.Tests.Tasks;

/// <summary>A whole small network of either task and one training step of it, masks and all, as often as wanted: equal parameters give equal losses.</summary>
internal sealed unsafe class NetworkStep : IDisposable
{
    public const int Vocabulary = 9;
    private const int Labels = 3;
    private static readonly int[] s_lengths = [6, 5, 3, 1];
    private static readonly CounterRandom s_random = new(7, RandomPurpose.Dropout, Step: 3);
    private readonly ComputeContext _context;
    private readonly TokenEncoderWeights _encoder;
    private readonly LinearWeights _output;
    private readonly LanguageModelNetwork? _languageModel;
    private readonly ClassifierNetwork? _classifier;
    private readonly Batch _batch;
    private readonly ClassifierBatches _sequences;

    public NetworkStep(TaskKind task, ArchitectureSettings architecture, bool useTable = false, int threads = 1, SimdWidth? width = null, bool conditional = false)
    {
        _batch = new Batch(conditional);
        _context = ComputeContext.Create(threads, width is null ? null : KernelSet.For(width.Value));
        Parameters = NetworkLayout.Create(task, architecture, Vocabulary, task == TaskKind.LanguageModel && !conditional ? 0 : Labels);
        for (int i = 0; i < Parameters.Parameters.Count; i++)
        {
            var parameter = Parameters.Parameters[i];
            Initialization.Uniform(parameter.Values, 0.6, new CounterRandom(1, RandomPurpose.Initialization, 0, (uint)i));
            if (parameter.Name.StartsWith("norms.", StringComparison.Ordinal) && parameter.Name.EndsWith("weight", StringComparison.Ordinal))
            {
                foreach (ref float gain in parameter.Values)
                    gain += 1;
            }
        }

        _encoder = new TokenEncoderWeights(Parameters, architecture, useTable);
        _output = new LinearWeights(Parameters, NetworkLayout.Output);
        int[][] sequences = [.. s_lengths.Select((length, row) => Enumerable.Range(0, length).Select(t => (3 * t + 2 * row) % Vocabulary).ToArray())];
        _sequences = new ClassifierBatches(sequences, [0, 2, 1, 2], s_lengths.Length, shuffleSeed: null);
        _sequences.BeginEpoch(0);
        _sequences.Next();
        if (task == TaskKind.LanguageModel)
            _languageModel = new LanguageModelNetwork(_encoder, _output, _context);
        else
            _classifier = new ClassifierNetwork(architecture, _encoder, _output, _context);
    }

    public ParameterSet Parameters { get; }

    /// <summary>The mean loss of the batch; its gradients are in <see cref="Parameters"/>.</summary>
    public double Run()
    {
        Memory.Clear(Parameters.Gradients.Pointer, Parameters.Gradients.Length);
        _encoder.Pack(_context, backward: true, s_random);
        _output.Pack(backward: true);
        return _languageModel is not null
            ? _languageModel.Run(_batch, s_random, training: true) / _batch.TargetCount
            : _classifier!.Run(_sequences, s_random, training: true, predictions: null) / s_lengths.Length;
    }

    public void Dispose()
    {
        _batch.Dispose();
        _sequences.Dispose();
        _encoder.Dispose();
        _output.Dispose();
        Parameters.Dispose();
        _context.Dispose();
    }

    /// <summary>Lines of different lengths.</summary>
    private sealed class Batch : LanguageModelBatches
    {
        private readonly NativeBuffer? _labels;

        public Batch(bool conditional)
        {
            _labels = conditional ? new NativeBuffer(s_lengths.Length) : null;
            for (int row = 0; row < s_lengths.Length && conditional; row++)
                Labels[row] = 2 * row % NetworkStep.Labels;
            Shape = new SequenceShape(s_lengths[0], s_lengths.Length, s_lengths);
            Reserve();
            TargetCount = s_lengths.Sum();
            for (int i = 0; i < Shape.Rows; i++)
            {
                bool has = Shape.Has(i / Shape.Batch, i % Shape.Batch);
                (Tokens[i], Targets[i]) = has ? (5 * i % Vocabulary, 7 * (i + 1) % Vocabulary) : (0, -1);
            }
        }

        public override int* Labels => _labels is null ? null : (int*)_labels.Pointer;

        public override int Count => 1;

        public override long TokensPerEpoch => TargetCount;

        public override void BeginEpoch(int epoch)
        {
        }

        public override bool Next() => true;

        protected override void Dispose(bool disposing)
        {
            _labels?.Dispose();
            base.Dispose(disposing);
        }
    }
}
