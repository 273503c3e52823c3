using MathNet.Numerics.LinearAlgebra;
using SequenceModels.Textbook;
using static SequenceModels.Textbook.Elementwise;

namespace SequenceModels.Tests.Textbook;

/// <summary>
/// One LSTM cell in the course notes' own notation, with their backward formulas exactly as printed and with each repair apart.
/// The formulas' numbers are the notes'. Columns are examples; W_g acts on z = [a_prev; x].
/// </summary>
internal sealed class CourseNotesLstm
{
    public const string GateLetters = "fuco";

    public CourseNotesLstm(IReadOnlyDictionary<string, Matrix<double>> parameters, Matrix<double> x, Matrix<double> aPrev, Matrix<double> cPrev)
    {
        (Parameters, X, APrev, CPrev) = (parameters, x, aPrev, cPrev);
        Z = aPrev.Stack(x);
        Gf = Sigmoid(Pre('f'));
        Gu = Sigmoid(Pre('u'));
        Cc = Tanh(Pre('c'));
        Go = Sigmoid(Pre('o'));
        C = Gf.Hadamard(cPrev) + Gu.Hadamard(Cc);
        A = Go.Hadamard(Tanh(C));
    }

    public IReadOnlyDictionary<string, Matrix<double>> Parameters { get; }
    public Matrix<double> X { get; }
    public Matrix<double> APrev { get; }
    public Matrix<double> CPrev { get; }
    public Matrix<double> Z { get; }
    public Matrix<double> Gf { get; }
    public Matrix<double> Gu { get; }
    public Matrix<double> Cc { get; }
    public Matrix<double> Go { get; }
    public Matrix<double> C { get; }
    public Matrix<double> A { get; }

    /// <summary>Γ_o (1 - tanh² c_next), the slope of a_next as a function of c_next.</summary>
    public Matrix<double> Slope => Go.Hadamard(TanhSlope(Tanh(C)));

    /// <summary>Formulas (7) to (10) as printed, then the rest of the backward with right slices. Keys: dgf, dgu, dgc, dgo, dWf, ..., dbf, ..., da_prev, dc_prev, dx.</summary>
    /// <param name="da">da_next.</param>
    /// <param name="dc">dc_next.</param>
    /// <param name="candidateBefore">The c̃_prev that formula (10) asks for; <c>null</c>: read it as c_prev.</param>
    public Dictionary<string, Matrix<double>> AsPrinted(Matrix<double> da, Matrix<double> dc, Matrix<double>? candidateBefore = null) => Finish(
        da,
        dc,
        dgf: dc.Hadamard(candidateBefore ?? CPrev) + Slope.Hadamard(CPrev).Hadamard(da).Hadamard(SigmoidSlope(Gf)),
        dgu: dc.Hadamard(Cc) + Slope.Hadamard(Cc).Hadamard(da).Hadamard(SigmoidSlope(Gu)),
        dgc: dc.Hadamard(Gu) + Slope.Hadamard(Gu).Hadamard(da).Hadamard(Cc).Hadamard(1 - Tanh(Cc.Hadamard(Cc))),
        dgo: da.Hadamard(Tanh(C)).Hadamard(SigmoidSlope(Go)));

    /// <summary>The same with formulas (8), (9) and (10) put right.</summary>
    public Dictionary<string, Matrix<double>> Corrected(Matrix<double> da, Matrix<double> dc)
    {
        var dcTotal = dc + da.Hadamard(Slope);
        return Finish(
            da,
            dc,
            dgf: dcTotal.Hadamard(CPrev).Hadamard(SigmoidSlope(Gf)),
            dgu: dcTotal.Hadamard(Cc).Hadamard(SigmoidSlope(Gu)),
            dgc: dcTotal.Hadamard(Gu).Hadamard(TanhSlope(Cc)),
            dgo: da.Hadamard(Tanh(C)).Hadamard(SigmoidSlope(Go)));
    }

    /// <summary>What the two formulas are held against: the textbook's gradients under the same keys.</summary>
    public Dictionary<string, Matrix<double>> Reference(Matrix<double> da, Matrix<double> dc)
    {
        var step = new TextbookLstm(Golden.NotesLayout.Stack(Parameters, "ufco", areGradients: false)).Forward(X, new CellState(APrev, CPrev)).Backward(new CellState(da, dc));
        int size = A.RowCount;
        var table = Golden.NotesLayout.Unstack(step.Parameters, "ufco").ToDictionary(p => "d" + p.Key, p => p.Value);
        foreach (var (index, gate) in "ufco".Index())
            table[$"dg{gate}"] = step.PreActivations.Gate(index, size);
        (table["da_prev"], table["dc_prev"], table["dx"]) = (step.Previous.H, step.Previous.C!, step.X);
        return table;
    }

    private Matrix<double> Pre(char gate) => (Parameters[$"W{gate}"] * Z).PlusColumn(Parameters[$"b{gate}"]);

    private Dictionary<string, Matrix<double>> Finish(Matrix<double> da, Matrix<double> dc, Matrix<double> dgf, Matrix<double> dgu, Matrix<double> dgc, Matrix<double> dgo)
    {
        var table = new Dictionary<string, Matrix<double>> { ["dgf"] = dgf, ["dgu"] = dgu, ["dgc"] = dgc, ["dgo"] = dgo };
        var dz = Z.ZerosLike();
        foreach (char gate in GateLetters)
        {
            table[$"dW{gate}"] = table[$"dg{gate}"] * Z.Transpose();
            table[$"db{gate}"] = table[$"dg{gate}"].SumOfColumns();
            dz += Parameters[$"W{gate}"].Transpose() * table[$"dg{gate}"];
        }

        table["da_prev"] = dz.SubMatrix(0, APrev.RowCount, 0, dz.ColumnCount);
        table["dx"] = dz.SubMatrix(APrev.RowCount, X.RowCount, 0, dz.ColumnCount);
        table["dc_prev"] = dc.Hadamard(Gf) + Slope.Hadamard(Gf).Hadamard(da); // (16), right as printed
        return table;
    }
}
