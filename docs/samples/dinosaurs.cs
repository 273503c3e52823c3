#:project ../../src/SequenceModels
using SequenceModels.Tasks;

string[] names = File.ReadAllLines(args[0]).Where(line => line.Length > 0).ToArray();

using var model = LanguageModel.Train(names, new()
{
    Progress = at => { if (at.EpochEnded) Console.WriteLine($"epoch {at.Epoch}: {at.ValidationLoss:F3} nats"); },
});

foreach (var name in model.Sample(10, new() { Temperature = 0.8, Seed = 7 }))
    Console.WriteLine(name.Text);

Console.WriteLine($"{args[1]}: {model.Score(args[1]).LogProbability:F1} nats");
model.Save("dinosaurs");
