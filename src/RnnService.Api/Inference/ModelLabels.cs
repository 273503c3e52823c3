using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using RnnService.Api.Hosting;
using RnnService.Api.Models;
using SequenceModels.Sampling;
using SequenceModels.Tasks;

namespace RnnService.Api.Inference;

/// <summary>The labels that a language model reads: which one a request means, and which are drawn where it means none.</summary>
internal static class ModelLabels
{
    private const int MostNamed = 20;

    /// <summary>What is wrong with the label of a request; <c>null</c> where it is one of the model's, or left out.</summary>
    public static ProblemHttpResult? ProblemOrNull(SequenceModel model, string? label)
    {
        if (label is null || model.Labels.Contains(label))
            return null;
        if (model.Labels.Count == 0)
            return ServiceProblems.BadRequest("label", $"must be left out: the model has learned from text without labels; given {Problems.Quoted(label)}");
        string named = string.Join(", ", model.Labels.Take(MostNamed).Select(Problems.Quoted)) + (model.Labels.Count > MostNamed ? $" and {model.Labels.Count - MostNamed} others" : "");
        return ServiceProblems.BadRequest("label", $"must be one of the labels that the model has learned, {named}; given {Problems.Quoted(label)}");
    }

    /// <summary>What is wrong with leaving the label out: that so many texts would be read under so many labels; <c>null</c> where it is not too much.</summary>
    public static ProblemHttpResult? TooManyOrNull(int texts, int labels) => (long)texts * labels <= InferenceLimits.ScoredPairs ? null : ServiceProblems.BadRequest(
        "label",
        string.Create(CultureInfo.InvariantCulture, $"must be given where texts times labels are more than {InferenceLimits.ScoredPairs:N0}, for without it each text is read under every label; given {texts:N0} texts to a model of {labels:N0} labels"));

    /// <summary>The number of each sample's label: the one asked for, or one drawn by the shares of the training data, a function of seed and choice alone. <c>null</c>: the model reads none.</summary>
    public static int[]? OfSamples(HostedModel hosted, string? label, int choices, long seed)
    {
        var labels = hosted.Model.Labels;
        if (hosted.Model is not LanguageModel { IsConditional: true })
            return null;
        int named = label is null ? -1 : NumberOf(labels, label);
        return [.. Enumerable.Range(0, choices).Select(choice => named >= 0 ? named : LabelDraw.Draw(Shares(hosted), seed, choice))];
    }

    /// <summary>The shares of the labels in the training data; all alike where the manifest does not tell them.</summary>
    public static IReadOnlyList<double> Shares(HostedModel hosted)
    {
        int count = hosted.Model.Labels.Count;
        return hosted.LabelShares is { } shares && shares.Count == count ? shares : [.. Enumerable.Repeat(1.0 / count, count)];
    }

    /// <summary>A label's number.</summary>
    public static int NumberOf(IReadOnlyList<string> labels, string label)
    {
        for (int i = 0; i < labels.Count; i++)
        {
            if (labels[i] == label)
                return i;
        }

        throw new ArgumentException($"The model has no label '{label}'.", nameof(label));
    }
}
