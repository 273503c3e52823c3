using MathNet.Numerics.LinearAlgebra;
using static SequenceModels.Textbook.Elementwise;

namespace SequenceModels.Textbook;

/// <summary>
/// Long short-term memory whose gates also see the cell state, section 14 of docs/equations.md (Gers, Schraudolph and Schmidhuber 2002; Graves 2013).
/// Gate rows: i, f, g, o. The input and forget gates see c, the output gate the new c'.
/// </summary>
/// <param name="parameters">Weights with 4H rows, and the peephole weights <c>p_i</c>, <c>p_f</c>, <c>p_o</c> [H,1].</param>
internal sealed class TextbookPeepholeLstm(CellParameters parameters) : TextbookCell(parameters)
{
    /// <inheritdoc/>
    public override bool HasCellState => true;

    /// <inheritdoc/>
    public override TextbookStep Forward(Matrix<double> x, CellState previous) => new Step(Parameters, x, previous);

    private sealed class Step : TextbookStep
    {
        private readonly CellParameters _parameters;
        private readonly Matrix<double> _x;
        private readonly Matrix<double> _h;
        private readonly Matrix<double> _c;
        private readonly Matrix<double> _i;
        private readonly Matrix<double> _f;
        private readonly Matrix<double> _g;
        private readonly Matrix<double> _o;
        private readonly Matrix<double> _tanhC;

        public Step(CellParameters parameters, Matrix<double> x, CellState previous)
        {
            (_parameters, _x, _h, _c) = (parameters, x, previous.H, previous.C ?? throw new ArgumentException("An LSTM's state has a C.", nameof(previous)));
            int size = parameters.HiddenSize;

            var products = (parameters.WeightIh * _x).PlusColumn(parameters.BiasIh)
                + (parameters.WeightHh * _h).PlusColumn(parameters.BiasHh);            // (14.1)
            var preI = products.Gate(0, size) + _c.TimesColumn(Peephole("p_i"));       // (14.2)
            var preF = products.Gate(1, size) + _c.TimesColumn(Peephole("p_f"));       // (14.3)
            var preG = products.Gate(2, size);
            _i = Sigmoid(preI);                                                        // (14.2)
            _f = Sigmoid(preF);                                                        // (14.3)
            _g = Tanh(preG);                                                           // (14.4)
            var c = _f.Hadamard(_c) + _i.Hadamard(_g);                                 // (14.5)
            var preO = products.Gate(3, size) + c.TimesColumn(Peephole("p_o"));        // (14.6)
            _o = Sigmoid(preO);                                                        // (14.6)
            _tanhC = Tanh(c);
            State = new CellState(_o.Hadamard(_tanhC), c);                             // (14.7)
            PreActivations = Stack(preI, preF, preG, preO);
        }

        public override CellState State { get; }

        public override Matrix<double> PreActivations { get; }

        public override Matrix<double> Gates => Stack(_i, _f, _g, _o);

        public override StepGradients Backward(CellState dNext)
        {
            var dO = dNext.H.Hadamard(_tanhC);                                         // (14.8)  of h' = o ⊙ tanh(c')
            var dPreO = dO.Hadamard(SigmoidSlope(_o));                                 // (14.8)  of o = σ(γ_o)
            var dcTotal = dNext.C!
                + dNext.H.Hadamard(_o).Hadamard(TanhSlope(_tanhC))
                + dPreO.TimesColumn(Peephole("p_o"));                                  // (14.9)  three routes of c': the next step, h', and this step's output gate
            var dI = dcTotal.Hadamard(_g);                                             // (14.10) of c' = f ⊙ c + i ⊙ g
            var dF = dcTotal.Hadamard(_c);                                             // (14.11) of c' = f ⊙ c + i ⊙ g
            var dG = dcTotal.Hadamard(_i);                                             // (14.12) of c' = f ⊙ c + i ⊙ g
            var dPreI = dI.Hadamard(SigmoidSlope(_i));                                 // (14.10) of i = σ(γ_i)
            var dPreF = dF.Hadamard(SigmoidSlope(_f));                                 // (14.11) of f = σ(γ_f)
            var dPreG = dG.Hadamard(TanhSlope(_g));                                    // (14.12) of g = tanh(γ_g)
            var dPre = Stack(dPreI, dPreF, dPreG, dPreO);
            var dBias = dPre.SumOfColumns();                                           // (14.14) of both biases in (14.1)
            var dParameters = new CellParameters(
                dPre * _x.Transpose(),                                                 // (14.13) of W_ih x in (14.1)
                dPre * _h.Transpose(),                                                 // (14.13) of W_hh h in (14.1)
                dBias,
                dBias)
            {
                Further = new Dictionary<string, Matrix<double>>
                {
                    ["p_i"] = dPreI.Hadamard(_c).SumOfColumns(),                       // (14.15) of p_i ⊙ c in (14.2)
                    ["p_f"] = dPreF.Hadamard(_c).SumOfColumns(),                       // (14.15) of p_f ⊙ c in (14.3)
                    ["p_o"] = dPreO.Hadamard(State.C!).SumOfColumns(),                 // (14.15) of p_o ⊙ c' in (14.6)
                },
            };
            var dx = _parameters.WeightIh.Transpose() * dPre;                          // (14.16) of W_ih x in (14.1)
            var dh = _parameters.WeightHh.Transpose() * dPre;                          // (14.17) of W_hh h in (14.1)
            var dc = dcTotal.Hadamard(_f)
                + dPreI.TimesColumn(Peephole("p_i"))
                + dPreF.TimesColumn(Peephole("p_f"));                                  // (14.18) three routes of c: (14.5), and both gates that see it
            return new StepGradients(Stack(dI, dF, dG, dO), dPre, dParameters, dx, new CellState(dh, dc));
        }

        private Matrix<double> Peephole(string name) => _parameters.Further[name];
    }
}
