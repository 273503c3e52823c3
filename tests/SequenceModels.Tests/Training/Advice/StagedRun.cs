using SequenceModels.Data;
using SequenceModels.Tasks;
using SequenceModels.Training;
using SequenceModels.Training.Advice;

namespace SequenceModels.Tests.Training.Advice;

/// <summary>A run that is looked at by the doctor from beginning to end.</summary>
internal sealed class StagedRun : TrainingControl
{
    private readonly TrainingData _validation;
    private readonly TrainingPlan _plan;
    private readonly TrainingDoctor _doctor;
    private readonly List<TrainingAdvice> _advice = [];

    private StagedRun(TrainingPlan plan, TrainingData training, TrainingData validation)
    {
        (_plan, _validation) = (plan, validation);
        _doctor = new TrainingDoctor(RunFacts.Of(plan, training, validation), []);
        _advice.AddRange(_doctor.ExamineData());
    }

    public IReadOnlyList<EpochMetrics> Curve { get; private set; } = [];

    public Divergence? Divergence { get; private set; }

    /// <summary>What was said, in alphabetical order.</summary>
    public IEnumerable<AdviceKind> Kinds => _advice.Select(advice => advice.Kind).OrderBy(kind => kind.ToString(), StringComparer.Ordinal);

    /// <summary>What was seen, for the message of a test that fails.</summary>
    public string Story => string.Join('\n', _advice.Select(advice => $"{advice.Kind}: {advice.Cause}")
        .Concat(Curve.Select(point => $"epoch {point.Epoch}: training {point.TrainingLoss:F3}, validation {point.ValidationLoss:F3}, norm {point.GradientNorm:G3}")));

    public static StagedRun Of(TaskKind task, TrainingData data, ArchitectureRequest architecture, TrainingRequest settings)
    {
        var (training, validation) = DataSplitter.Split(data, 0.2, 1);
        var plan = TrainingRuns.Plan(task, training, validation, architecture, settings);
        var run = new StagedRun(plan, training, validation);
        using var outcome = new Trainer(2).Train(plan, training, validation, run, null, CancellationToken.None);
        Assert.NotNull(outcome);
        run._advice.AddRange(run._doctor.Examine(outcome.Curve, null, ended: true));
        (run.Curve, run.Divergence) = (outcome.Curve, outcome.Divergence);
        return run;
    }

    public override void Diverged(Divergence divergence) => _advice.AddRange(_doctor.Examine(divergence));

    public override void Validated(ValidatedWeights validated)
    {
        using var model = validated.CopyModel();
        var units = UnitActivity.Of(model, _validation, _plan.Training.SequenceLength, CancellationToken.None);
        _advice.AddRange(_doctor.Examine(validated.Curve, units, ended: false));
    }
}
