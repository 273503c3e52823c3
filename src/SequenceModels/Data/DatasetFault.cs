namespace SequenceModels.Data;

/// <summary>Why a row cannot be learned from. A dataset with a fault is refused.</summary>
/// <param name="Line">The line of the file, from 1, where the row starts.</param>
/// <param name="Code">One of <see cref="DatasetFaultCode"/>.</param>
/// <param name="Message">What is wrong, in words.</param>
public sealed record DatasetFault(long Line, string Code, string Message);
