namespace SequenceModels.Shapes;

/// <summary>What inputs and targets of a task must be.</summary>
internal static class ExampleRules
{
    /// <summary>Fails if an example is not one of the task's.</summary>
    /// <exception cref="ArgumentException">It is not; the message tells which and why.</exception>
    public static void Check(SequenceTask task, IReadOnlyList<SequenceExample> examples)
    {
        if (examples.Count == 0)
            throw new ArgumentException("There are no examples.", nameof(examples));
        for (int i = 0; i < examples.Count; i++)
        {
            if ((InputProblem(task, examples[i].Input) ?? TargetProblem(task, examples[i])) is { } problem)
                throw new ArgumentException($"Example {i}: {problem}", nameof(examples));
        }
    }

    /// <summary>Fails if an input is not one of the task's.</summary>
    /// <exception cref="ArgumentException">It is not; the message tells which and why.</exception>
    public static void CheckInputs(SequenceTask task, IReadOnlyList<SequenceData> inputs)
    {
        for (int i = 0; i < inputs.Count; i++)
        {
            if (InputProblem(task, inputs[i]) is { } problem)
                throw new ArgumentException($"Input {i}: {problem}", nameof(inputs));
        }
    }

    private static string? InputProblem(SequenceTask task, SequenceData input)
    {
        if (FormatProblem(task.Input, input, least: 0) is { } problem)
            return $"the input {problem}";
        if (input.Length == 0)
            return "the input has no step.";
        if (task.ReadsOne && input.Length != 1)
            return $"the input has {input.Length} steps instead of one.";
        return input is FrameSequence frames && FirstNotFinite(frames.Values) is { } place ? $"the input's number {place} is {frames.Values[place]}." : null;
    }

    private static string? TargetProblem(SequenceTask task, SequenceExample example)
    {
        var target = example.Target;
        if (FormatProblem(task.Output, target, least: task.Generates ? 0 : -1) is { } problem)
            return $"the target {problem}";
        int steps = task.WritesOne ? 1 : task.Generates ? target.Length : example.Input.Length;
        if (target.Length != steps)
            return $"the target has {target.Length} steps instead of {steps}.";
        if (target is TokenSequence tokens)
            return task.Generates || tokens.Tokens.ContainsAnyExcept(-1) ? null : "nothing of the target is known.";
        return NumbersProblem(task, (FrameSequence)target);
    }

    private static string? NumbersProblem(SequenceTask task, FrameSequence target)
    {
        int known = 0;
        foreach (float value in target.Values)
        {
            if (float.IsInfinity(value) || float.IsNaN(value) && task.Generates)
                return $"the target holds {value}.";
            if (task.ChosenLoss == TaskLoss.BinaryCrossEntropy && value is < 0 or > 1)
                return FormattableString.Invariant($"the target holds {value}; 0 (no) to 1 (yes) is allowed.");
            known += float.IsNaN(value) ? 0 : 1;
        }

        return known == 0 ? "nothing of the target is known." : null;
    }

    private static string? FormatProblem(SequenceFormat format, SequenceData data, int least)
    {
        switch (data)
        {
            case TokenSequence tokens when format.Kind == StepKind.Tokens:
                foreach (int token in tokens.Tokens)
                {
                    if (token < least || token >= format.Size)
                        return $"holds the token {token}; {least}..{format.Size - 1} is allowed.";
                }

                return null;
            case FrameSequence frames when format.Kind == StepKind.Frames:
                return frames.Features == format.Size ? null : $"has frames of {frames.Features} numbers instead of {format.Size}.";
            default:
                return $"is not one of {format.Kind}.";
        }
    }

    private static int? FirstNotFinite(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                return i;
        }

        return null;
    }
}
