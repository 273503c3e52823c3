namespace SequenceModels.Optimizers;

/// <summary>A part of the parameters whose step size has a factor of its own.</summary>
/// <param name="Start">Its first value in the block of all parameters, a multiple of 16.</param>
/// <param name="Length">Its number of values, a multiple of 16.</param>
/// <param name="Factor">Of the step size, 0 or more.</param>
internal readonly record struct RateGroup(long Start, long Length, double Factor);
