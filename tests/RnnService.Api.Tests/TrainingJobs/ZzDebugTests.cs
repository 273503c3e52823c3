using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Training;
using Xunit.Abstractions;

namespace RnnService.Api.Tests.TrainingJobs;

public sealed class ZzDebugTests(ITestOutputHelper output)
{
    [Fact]
    public void Repeat()
    {
        var lines = TinyJobs.Lines().Select(x => (string)x!).ToList();
        for (int i = 0; i < 12; i++)
        {
            int threads = i < 6 ? 1 : 2;
            var split = DataSplitter.Split(new TrainingData.Lines(lines), 0.1, 1);
            var plan = TrainingPlanner.Resolve(TaskKind.LanguageModel, split.Training, split.Validation, new ArchitectureRequest { HiddenSize = 8, EmbeddingSize = 4, Dropout = 0 }, new TrainingRequest { Epochs = 2, BatchSize = 8, Seed = 1 }).Plan!;
            using var outcome = new Trainer(threads).Train(plan, split.Training, split.Validation, _ => { }, default);
            using var stream = new MemoryStream();
            outcome.Model.WriteWeights(stream);
            output.WriteLine($"{threads} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(stream.ToArray()))[..12]} {string.Join(" ", outcome.Curve.Select(c => $"{c.TrainingLoss:R} {c.ValidationLoss:R} {c.GradientNorm:R}"))} {string.Join(",", plan.Tokenizer.Vocabulary.Tokens)}");
        }
    }
}
