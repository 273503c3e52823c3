using MathNet.Numerics.LinearAlgebra;
using static SequenceModels.Textbook.Elementwise;

namespace SequenceModels.Textbook;

/// <summary>Long short-term memory, section 3 of docs/equations.md (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000). Gate rows: i, f, g, o.</summary>
/// <param name="parameters">Weights with 4H rows.</param>
internal sealed class TextbookLstm(CellParameters parameters) : TextbookCell(parameters)
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

            PreActivations = (parameters.WeightIh * _x).PlusColumn(parameters.BiasIh)
                + (parameters.WeightHh * _h).PlusColumn(parameters.BiasHh); // (3.1)
            _i = Sigmoid(PreActivations.Gate(0, size));                     // (3.2)
            _f = Sigmoid(PreActivations.Gate(1, size));                     // (3.3)
            _g = Tanh(PreActivations.Gate(2, size));                        // (3.4)
            _o = Sigmoid(PreActivations.Gate(3, size));                     // (3.5)
            var c = _f.Hadamard(_c) + _i.Hadamard(_g);                      // (3.6)
            _tanhC = Tanh(c);
            State = new CellState(_o.Hadamard(_tanhC), c);                   // (3.7)
        }

        public override CellState State { get; }

        public override Matrix<double> PreActivations { get; }

        public override Matrix<double> Gates => Stack(_i, _f, _g, _o);

        public override StepGradients Backward(CellState dNext)
        {
            var dcTotal = dNext.C! + dNext.H.Hadamard(_o).Hadamard(TanhSlope(_tanhC)); // (3.8)  both routes of c': the next step, and h' = o ⊙ tanh(c')
            var dO = dNext.H.Hadamard(_tanhC);                                         // (3.9)  of h' = o ⊙ tanh(c')
            var dI = dcTotal.Hadamard(_g);                                             // (3.10) of c' = f ⊙ c + i ⊙ g
            var dF = dcTotal.Hadamard(_c);                                             // (3.11) of c' = f ⊙ c + i ⊙ g
            var dG = dcTotal.Hadamard(_i);                                             // (3.12) of c' = f ⊙ c + i ⊙ g
            var dPre = Stack(
                dI.Hadamard(SigmoidSlope(_i)),                                         // (3.13) of i = σ(γ_i)
                dF.Hadamard(SigmoidSlope(_f)),                                         // (3.14) of f = σ(γ_f)
                dG.Hadamard(TanhSlope(_g)),                                            // (3.15) of g = tanh(γ_g)
                dO.Hadamard(SigmoidSlope(_o)));                                        // (3.16) of o = σ(γ_o)
            var dBias = dPre.SumOfColumns();                                           // (3.18) of both biases in (3.1)
            var dParameters = new CellParameters(
                dPre * _x.Transpose(),                                                 // (3.17) of W_ih x in (3.1)
                dPre * _h.Transpose(),                                                 // (3.17) of W_hh h in (3.1)
                dBias,
                dBias);
            var dx = _parameters.WeightIh.Transpose() * dPre;                          // (3.19) of W_ih x in (3.1)
            var dh = _parameters.WeightHh.Transpose() * dPre;                          // (3.20) of W_hh h in (3.1)
            var dc = dcTotal.Hadamard(_f);                                             // (3.21) of c' = f ⊙ c + i ⊙ g
            return new StepGradients(Stack(dI, dF, dG, dO), dPre, dParameters, dx, new CellState(dh, dc));
        }
    }
}
