namespace SequenceModels.Kernels;

/// <summary>
/// Sixteen sums of a product whose weights are kept in two bytes a column and step: a bfloat16 of one k, or two 8-bit integers of a pair of k. The left factor has four bytes a step: a float, or a pair of
/// 16-bit integers. Tiles are written once against this interface. All implementations of one kind of weights agree bit for bit.
/// </summary>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
internal unsafe interface IPanelLanes<TSelf>
    where TSelf : struct, IPanelLanes<TSelf>
{
    /// <summary>Bytes of sixteen columns in one step.</summary>
    const int StepBytes = 32;

    /// <summary>Whether a tile of 4 x 2 sums fits into the vector registers.</summary>
    static abstract bool WideTiles { get; }

    /// <summary>What sums begin with.</summary>
    /// <param name="initial">[16] initial values, or <c>null</c>: 0.</param>
    static abstract TSelf Begin(float* initial);

    /// <summary>The weights of sixteen columns in one step.</summary>
    static abstract TSelf Load(byte* weights);

    /// <summary>One step of the left factor, in all lanes.</summary>
    static abstract TSelf Broadcast(uint* step);

    /// <summary>The sums after one more step.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf weights, TSelf sums);

    /// <summary>Stores the results.</summary>
    /// <param name="sums">The sums after all steps.</param>
    /// <param name="initial">As given to <see cref="Begin"/>.</param>
    /// <param name="scales">[16] scales of the columns.</param>
    /// <param name="rowScale">Scale of the row.</param>
    /// <param name="destination">[16] receives the results.</param>
    static abstract void End(TSelf sums, float* initial, float* scales, float rowScale, float* destination);
}
