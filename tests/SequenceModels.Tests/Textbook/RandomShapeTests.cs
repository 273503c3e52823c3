using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SequenceModels.Tasks;

namespace SequenceModels.Tests.Textbook;

/// <summary>The float recurrent layers against the textbook at random shapes.</summary>
public sealed class RandomShapeTests
{
    [Property(MaxTest = 60)]
    public Property Layers_of_any_cell_and_shape_agree_with_the_textbook()
    {
        var shapes =
            from kind in Gen.Elements(Enum.GetValues<CellKind>())
            from time in Gen.Choose(1, 12)
            from batch in Gen.Choose(1, 9)
            from inputs in Gen.Choose(1, 20)
            from hidden in Gen.Choose(1, 40)
            from layers in Gen.Choose(1, 3)
            from flags in Gen.Choose(0, 3)
            from seed in Gen.Choose(0, 1 << 20)
            select new TextbookComparison(kind, time, batch, inputs, hidden, layers, (flags & 1) != 0, (flags & 2) != 0, seed);
        return Prop.ForAll(shapes.ToArbitrary(), shape => shape.AssertAgreement());
    }
}
