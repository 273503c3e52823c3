namespace SequenceModels.Kernels;

/// <summary>What every update rule starts from: the gradient d = scale x gradient + decay x value, and the value, shrunk first.</summary>
/// <param name="GradientScale">Factor of all gradients (clipping, accumulation).</param>
/// <param name="LearningRate">Step size.</param>
/// <param name="WeightDecay">Multiple of the value that is added to its gradient; 0 for decoupled decay.</param>
/// <param name="Shrink">Factor of the value before the update, for decoupled decay 1 - learning rate x decay; otherwise 1.</param>
internal readonly record struct UpdateConstants(float GradientScale, float LearningRate, float WeightDecay = 0, float Shrink = 1);
