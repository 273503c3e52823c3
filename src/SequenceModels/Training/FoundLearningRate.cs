using SequenceModels.Optimizers;

namespace SequenceModels.Training;

/// <summary>The learning rate that a run was given by a range test.</summary>
/// <param name="LearningRate">What the test suggests, or, where its loss never falls before it ends, what would have been chosen without it.</param>
/// <param name="Test">The test.</param>
/// <param name="Steps">Steps that it had at most.</param>
public sealed record FoundLearningRate(double LearningRate, RangeTestResult Test, int Steps)
{
    /// <summary>As progress tells it.</summary>
    public RangeTestProgress Progress => new(Test.Curve.Count, Steps, LearningRate);
}

/// <summary>How far a range test is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps at most.</param>
/// <param name="Found">The rate found; <c>null</c> while it goes on.</param>
public sealed record RangeTestProgress(int Step, int Steps, double? Found);
