namespace SequenceModels.Data;

/// <summary>Something about a row, or about the whole, that can be learned from but is seldom meant.</summary>
/// <param name="Line">The line of the file, from 1, where the row starts.</param>
/// <param name="Code">
/// One of <c>duplicateText, conflictingLabel, veryLongRow, strayQuote, rareLabel, singleLabel, similarLabels, outlyingLength, duplicatesNotAllChecked</c>:
/// the constants of DatasetWarningCode.
/// </param>
/// <param name="Message">What was seen, in words.</param>
public sealed record DatasetWarning(long Line, string Code, string Message);
