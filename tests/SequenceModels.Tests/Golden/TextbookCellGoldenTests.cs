using SequenceModels.Tests.Fixtures;
using SequenceModels.Textbook;

namespace SequenceModels.Tests.Golden;

/// <summary>One step of each textbook cell, forward and backward, against golden numbers in double precision.</summary>
public sealed class TextbookCellGoldenTests
{
    public static TheoryData<string> LstmCells => GoldenFixtures.Keys("lstm_cell");

    public static TheoryData<string> NotesLstmCells => GoldenFixtures.Keys("seed_equations", c => !c.Has("config", "T"));

    public static TheoryData<string> RnnCells => GoldenFixtures.Keys("rnn_cell");

    public static TheoryData<string> GruCells => GoldenFixtures.Keys("gru_cell");

    public static TheoryData<string> ResetBeforeCells => GoldenFixtures.Keys("gru_reset_before", c => !c.Has("config", "T"));

    [Theory, MemberData(nameof(LstmCells)), MemberData(nameof(NotesLstmCells))]
    public void Lstm_values_and_gradients_are_the_golden_ones(string key)
    {
        var cell = new GoldenCell(GoldenFixtures.Case(key), "ifgo", "ufco");
        cell.AssertTextbook(new TextbookLstm(cell.Parameters));
    }

    [Theory, MemberData(nameof(RnnCells))]
    public void Rnn_values_and_gradients_are_the_golden_ones(string key)
    {
        var golden = GoldenFixtures.Case(key);
        var cell = new GoldenCell(golden, "", "");
        cell.AssertTextbook(new TextbookRnn(cell.Parameters, rectified: golden.Setting("nonlinearity") == "relu"));
    }

    [Theory, MemberData(nameof(GruCells))]
    public void Gru_values_and_gradients_are_the_golden_ones(string key)
    {
        var cell = new GoldenCell(GoldenFixtures.Case(key), "rzn", "ruc");
        cell.AssertTextbook(new TextbookGru(cell.Parameters));
    }

    [Theory, MemberData(nameof(ResetBeforeCells))]
    public void Gru_with_the_reset_before_the_product_gives_the_golden_values_and_gradients(string key)
    {
        var cell = new GoldenCell(GoldenFixtures.Case(key), "rzn", "ruc");
        cell.AssertTextbook(new TextbookGruResetBefore(cell.Parameters));
    }
}
