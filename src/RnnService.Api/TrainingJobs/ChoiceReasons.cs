using System.Text.Json;
using System.Text.Json.Nodes;
using RnnService.Api.Hosting;
using RnnService.Api.Models;
using SequenceModels.Training;

namespace RnnService.Api.TrainingJobs;

/// <summary>Finds what a request left out and the service chose, and gives each choice its reason: those of the planner, and of what is no matter of the data its own.</summary>
internal static class ChoiceReasons
{
    /// <summary>Members of `training` that have members of their own.</summary>
    private static readonly string[] s_nested = ["schedule", "rangeTest"];

    private static readonly Dictionary<string, string> s_own = new(StringComparer.Ordinal)
    {
        ["training.seed"] = "None was given, so one was drawn; given again with the same data and settings, it gives the same weights.",
        ["training.classWeights"] = "From classWeighting: examples / (labels x examples of the label), so that all labels weigh the same together.",
        ["training.schedule.warmupSteps"] = "None unless asked for.",
        ["training.weightDecay"] = "None unless asked for; 0.01 for adamW, which is used for it.",
        ["training.momentum"] = "None unless asked for.",
        ["training.nesterov"] = "Off unless asked for.",
        ["training.centered"] = "Off unless asked for.",
        ["training.amsGrad"] = "Off unless asked for.",
        ["training.beta1"] = "The value of Adam's authors (Kingma and Ba 2015).",
        ["training.beta2"] = "The value of Adam's authors (Kingma and Ba 2015).",
        ["training.epsilon"] = "Small enough to change nothing but divisions by almost 0.",
        ["training.rmsPropDecay"] = "The usual value: squares are remembered for some hundred updates.",
        ["training.averagingPatience"] = "Averaging starts when the validation loss has stopped to fall (Merity, Keskar and Socher 2018).",
    };

    private const string Default = "The default, as docs/training.md has it: nothing else was asked for.";

    /// <summary>Every choice of the service with its reason, in the order of the resolved members.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="plan">What became of it.</param>
    /// <param name="architecture">The resolved network.</param>
    /// <param name="training">The resolved training.</param>
    /// <param name="fraction">The part that is held back, if one is.</param>
    public static IReadOnlyList<ResolvedChoice> Of(TrainingJobRequest request, TrainingPlan plan, SequenceModels.Tasks.ArchitectureSettings architecture, TrainingSummary training, double? fraction)
    {
        var reasons = plan.Choices.ToDictionary(choice => choice.Member, choice => choice.Reason, StringComparer.Ordinal);
        if (plan.Base?.Kind == BaseKind.ContinueFrom)
            reasons["training.sequenceLength"] = "As the version was trained with that the run starts from.";
        var choices = new List<ResolvedChoice>();
        if (request.Validation is null && fraction is { } held)
            choices.Add(new("validation.fraction", JsonSerializer.SerializeToElement(held, ServiceJson.Options), "A tenth unless asked for otherwise: enough to measure on, and most is left to learn from."));
        Add("architecture", Members(request.Architecture), Members(architecture));
        Add("training", Members(request.Training), Members(training));
        return choices;

        void Add(string path, JsonObject asked, JsonObject resolved)
        {
            foreach (var (name, value) in resolved)
            {
                if (value is null)
                    continue;
                string member = $"{path}.{name}";
                var given = asked[name];
                if (value is JsonObject inner && s_nested.Contains(name))
                    Add(member, given as JsonObject ?? [], inner);
                else if (given is null)
                    choices.Add(new(member, JsonSerializer.SerializeToElement(value), reasons.GetValueOrDefault(member) ?? s_own.GetValueOrDefault(member, Default)));
            }
        }
    }

    private static JsonObject Members<T>(T? members)
        where T : class => members is null ? [] : JsonSerializer.SerializeToNode(members, ServiceJson.Options)!.AsObject();
}
