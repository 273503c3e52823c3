using SequenceModels.Layers;
using SequenceModels.Randomness;
using SequenceModels.Training;

namespace SequenceModels.Benchmarks;

/// <summary>The same batch of random tokens again and again.</summary>
internal sealed unsafe class FixedBatch : LanguageModelBatches
{
    public FixedBatch(int vocabulary, int time, int batch)
    {
        Shape = new SequenceShape(time, batch);
        Reserve();
        TargetCount = Shape.Rows;
        var random = new CounterRandom(1, RandomPurpose.Sampling);
        for (int i = 0; i < Shape.Rows; i++)
        {
            Tokens[i] = (int)(random.Word(2 * i) % (uint)vocabulary);
            Targets[i] = (int)(random.Word(2 * i + 1) % (uint)vocabulary);
        }
    }

    public override int Count => 1;

    public override long TokensPerEpoch => TargetCount;

    public override void BeginEpoch(int epoch)
    {
    }

    public override bool Next() => true;
}
