using SequenceModels.Kernels;
using SequenceModels.Layers;
using SequenceModels.Optimizers;
using SequenceModels.Randomness;
using SequenceModels.Tasks;
using SequenceModels.Tensors;
using SequenceModels.Training;

namespace SequenceModels.Benchmarks;

/// <summary>A piece of work that can be repeated: what a peer does in one step of the same case.</summary>
internal abstract class Workload : IDisposable
{
    /// <summary>The kinds that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["train", "sample", "sample-bfloat16", "sample-int8", "classify"];

    /// <summary>Units of work a step: tokens or sequences.</summary>
    public abstract double Units { get; }

    public abstract void Step();

    public abstract void Dispose();

    public static Workload Create(PeerCase item, int threads) => item.Kind switch
    {
        "train" => new TrainWorkload(
            new ArchitectureSettings { EmbeddingSize = item["embedding"], HiddenSize = item["hidden"], Layers = item["layers"] }, item["vocab"], item["batch"], item["time"], threads),
        "sample" => new SampleWorkload(item["vocab"], item["hidden"], item["layers"], threads, WeightPrecision.Float32),
        "sample-bfloat16" => new SampleWorkload(item["vocab"], item["hidden"], item["layers"], threads, WeightPrecision.Bfloat16),
        "sample-int8" => new SampleWorkload(item["vocab"], item["hidden"], item["layers"], threads, WeightPrecision.Int8),
        "classify" => new ClassifyWorkload(item["vocab"], item["embedding"], item["hidden"], item["time"], item["batch"], threads),
        _ => throw new ArgumentException($"There is no kind '{item.Kind}'; it can be {string.Join(", ", Kinds)}."),
    };

    protected static ParameterSet Network(TaskKind task, ArchitectureSettings architecture, int vocabulary, int labels)
    {
        var parameters = NetworkLayout.Create(task, architecture, vocabulary, labels);
        for (int i = 0; i < parameters.Parameters.Count; i++)
            Initialization.Uniform(parameters.Parameters[i].Values, 1 / Math.Sqrt(architecture.HiddenSize), new CounterRandom(1, RandomPurpose.Initialization, 0, (uint)i));
        return parameters;
    }
}

/// <summary>Embedding, recurrent layers, linear, softmax cross-entropy, backward, clip to norm 5, Adam.</summary>
internal sealed class TrainWorkload : Workload
{
    private readonly ComputeContext _context;
    private readonly ParameterSet _parameters;
    private readonly TokenEncoderWeights _encoder;
    private readonly LinearWeights _output;
    private readonly LanguageModelNetwork _network;
    private readonly FixedBatch _batch;
    private readonly Adam _adam;
    private readonly GradientNorm _norm;

    public TrainWorkload(ArchitectureSettings architecture, int vocabulary, int batch, int time, int threads)
    {
        _context = ComputeContext.Create(threads);
        _parameters = Network(TaskKind.LanguageModel, architecture, vocabulary, 0);
        _encoder = new TokenEncoderWeights(_parameters, architecture, LanguageModelTask.UsesTable(architecture, new TrainingSettings { BatchSize = batch, SequenceLength = time }, vocabulary, labels: 0));
        _output = new LinearWeights(_parameters, NetworkLayout.Output);
        _network = new LanguageModelNetwork(_encoder, _output, _context);
        _batch = new FixedBatch(vocabulary, time, batch);
        _adam = new Adam(_parameters);
        _norm = new GradientNorm(_parameters, _context);
    }

    public override double Units => _batch.TargetCount;

    public override void Step()
    {
        var random = new CounterRandom(1, RandomPurpose.Dropout, (uint)_adam.Steps);
        _encoder.Pack(_context, backward: true, random);
        _output.Pack(backward: true);
        _network.Run(_batch, random, training: true);
        _adam.Step(_context, 1e-3, GradientClipping.Factor(_norm.Compute(), 5));
    }

    public override void Dispose()
    {
        _adam.Dispose();
        _batch.Dispose();
        _encoder.Dispose();
        _output.Dispose();
        _parameters.Dispose();
        _context.Dispose();
    }
}

/// <summary>One token from a carried state: embedding, LSTM, linear, softmax, a draw.</summary>
internal sealed unsafe class SampleWorkload : Workload
{
    private readonly ParameterSet _parameters;
    private readonly TokenEncoderWeights _encoder;
    private readonly LinearWeights _output;
    private readonly ThreadTeam _team;
    private readonly LanguageModelStepper _stepper;
    private readonly NativeBuffer _probabilities;
    private int _token = 1;
    private uint _position;

    public SampleWorkload(int vocabulary, int hidden, int layers, int threads, WeightPrecision precision)
    {
        var architecture = new ArchitectureSettings { EmbeddingSize = vocabulary, HiddenSize = hidden, Layers = layers };
        _parameters = Network(TaskKind.LanguageModel, architecture, vocabulary, 0);
        _encoder = new TokenEncoderWeights(_parameters, architecture, useTable: true);
        _output = new LinearWeights(_parameters, NetworkLayout.Output);
        using var context = ComputeContext.Create(1);
        _encoder.Pack(context, backward: false);
        _output.Pack(backward: false);
        _encoder.Lower(precision);
        _output.Lower(precision);
        _team = new ThreadTeam(threads);
        _stepper = new LanguageModelStepper(KernelSet.Best, _encoder, _output, 1, _team);
        _probabilities = new NativeBuffer(_output.Stride);
    }

    public override double Units => 1;

    public override void Step()
    {
        _stepper.Step([_token]);
        var padded = _probabilities.Slice(0, _output.Stride);
        _stepper.Logits(0).CopyTo(padded);
        padded[_output.Outputs..].Fill(float.NegativeInfinity);
        KernelSet.Best.SoftmaxForward(_probabilities.Pointer, _probabilities.Pointer, _output.Stride);
        float u = new CounterRandom(1, RandomPurpose.Sampling).Uniform(_position++), sum = 0;
        for (_token = 0; _token < _output.Outputs - 1; _token++)
        {
            sum += padded[_token];
            if (u < sum)
                break;
        }
    }

    public override void Dispose()
    {
        _stepper.Dispose();
        _team.Dispose();
        _probabilities.Dispose();
        _encoder.Dispose();
        _output.Dispose();
        _parameters.Dispose();
    }
}

/// <summary>Embedding, bidirectional LSTM, maximum over time, linear, softmax, for a batch of token sequences of one length.</summary>
internal sealed unsafe class ClassifyWorkload : Workload
{
    private readonly ComputeContext _context;
    private readonly ParameterSet _parameters;
    private readonly TokenEncoderWeights _encoder;
    private readonly LinearWeights _output;
    private readonly ClassifierNetwork _network;
    private readonly ClassifierBatches _batch;

    public ClassifyWorkload(int vocabulary, int embedding, int hidden, int time, int batch, int threads)
    {
        const int labels = 2;
        var architecture = new ArchitectureSettings { EmbeddingSize = embedding, HiddenSize = hidden, Bidirectional = true, Pooling = PoolingKind.Max };
        _context = ComputeContext.Create(threads);
        _parameters = Network(TaskKind.Classification, architecture, vocabulary, labels);
        _encoder = new TokenEncoderWeights(_parameters, architecture, SequenceClassifier.TablePays(architecture, vocabulary));
        _output = new LinearWeights(_parameters, NetworkLayout.Output);
        _encoder.Pack(_context, backward: false);
        _output.Pack(backward: false);
        _network = new ClassifierNetwork(architecture, _encoder, _output, _context);
        var random = new CounterRandom(1, RandomPurpose.Sampling);
        int[][] sequences = [.. Enumerable.Range(0, batch).Select(b => Enumerable.Range(0, time).Select(t => (int)(random.Word(b * time + t) % (uint)vocabulary)).ToArray())];
        _batch = new ClassifierBatches(sequences, new int[batch], batch, null);
        _batch.Next();
    }

    public override double Units => _batch.Shape.Batch;

    public override void Step() => _network.Logits(_batch);

    public override void Dispose()
    {
        _batch.Dispose();
        _encoder.Dispose();
        _output.Dispose();
        _parameters.Dispose();
        _context.Dispose();
    }
}
