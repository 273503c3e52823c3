namespace RnnService.Api.TrainingJobs.Events;

/// <summary>
/// Keeps the events of a run countable. Progress is told at most once a second and at most 500 times a run; of validations at most about 1,000 and of samples at most about 200 are told, evenly spread
/// over those that are planned. Nothing is deleted afterwards, so that whoever comes late sees what all others saw.
/// </summary>
/// <param name="plannedValidations">Validations of the run at most.</param>
/// <param name="time">The clock.</param>
internal sealed class EventPace(long plannedValidations, TimeProvider time)
{
    private const long MostReports = 500;
    private const long MostValidations = 1000;
    private const long MostSamples = 200;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private long _lastStep;
    private long _lastTime = time.GetTimestamp();
    private long _validations;

    /// <summary>Whether progress that was made since the last event of metrics is told.</summary>
    public bool TellsProgress(long step, long totalSteps) =>
        step > 0 && step - _lastStep >= Math.Max(1, totalSteps / MostReports) && time.GetElapsedTime(_lastTime) >= s_interval;

    /// <summary>Counts a validation: whether its metrics are told, and whether a sample is.</summary>
    public (bool Metrics, bool Sample) CountValidation()
    {
        long number = ++_validations;
        return (IsOneOf(number, MostValidations), IsOneOf(number, MostSamples));
    }

    /// <summary>Metrics were told.</summary>
    public void Told(long step) => (_lastStep, _lastTime) = (step, time.GetTimestamp());

    /// <summary>The share of so many validations that samples are told of.</summary>
    public static double ShareOfSamples(long plannedValidations) => 1.0 / Spacing(plannedValidations, MostSamples);

    private static long Spacing(long plannedValidations, long most) => Math.Max(1, (plannedValidations + most - 1) / most);

    /// <summary>Every so many-th, the first included.</summary>
    private bool IsOneOf(long number, long most) => (number - 1) % Spacing(plannedValidations, most) == 0;
}
