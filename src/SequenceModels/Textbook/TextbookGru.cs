using MathNet.Numerics.LinearAlgebra;
using static SequenceModels.Textbook.Elementwise;

namespace SequenceModels.Textbook;

/// <summary>
/// The gated recurrent unit with the reset gate after the recurrent product, section 4 of docs/equations.md: the form of PyTorch
/// and cuDNN. Gate rows: r, z, n. The update gate z keeps the old value.
/// </summary>
/// <param name="parameters">Weights with 3H rows.</param>
internal sealed class TextbookGru(CellParameters parameters) : TextbookCell(parameters)
{
    /// <inheritdoc/>
    public override TextbookStep Forward(Matrix<double> x, CellState previous) => new Step(Parameters, x, previous);

    private sealed class Step : TextbookStep
    {
        private readonly CellParameters _parameters;
        private readonly Matrix<double> _x;
        private readonly Matrix<double> _h;
        private readonly Matrix<double> _r;
        private readonly Matrix<double> _z;
        private readonly Matrix<double> _q;
        private readonly Matrix<double> _n;

        public Step(CellParameters parameters, Matrix<double> x, CellState previous)
        {
            (_parameters, _x, _h) = (parameters, x, previous.H);
            int size = parameters.HiddenSize;
            var fromInput = (parameters.WeightIh * _x).PlusColumn(parameters.BiasIh);
            var fromState = (parameters.WeightHh * _h).PlusColumn(parameters.BiasHh);

            var preR = fromInput.Gate(0, size) + fromState.Gate(0, size);
            var preZ = fromInput.Gate(1, size) + fromState.Gate(1, size);
            _r = Sigmoid(preR);                                          // (4.1)
            _z = Sigmoid(preZ);                                          // (4.2)
            _q = fromState.Gate(2, size);                                // (4.3)
            var preN = fromInput.Gate(2, size) + _r.Hadamard(_q);
            _n = Tanh(preN);                                             // (4.4)
            State = new CellState((1 - _z).Hadamard(_n) + _z.Hadamard(_h)); // (4.5)
            PreActivations = Stack(preR, preZ, preN);
        }

        public override CellState State { get; }

        public override Matrix<double> PreActivations { get; }

        public override Matrix<double> Gates => Stack(_r, _z, _n);

        public override StepGradients Backward(CellState dNext)
        {
            var dN = dNext.H.Hadamard(1 - _z);               // (4.6)  of h' = (1-z) ⊙ n + z ⊙ h
            var dZ = dNext.H.Hadamard(_h - _n);              // (4.7)  of h' = (1-z) ⊙ n + z ⊙ h
            var dPreN = dN.Hadamard(TanhSlope(_n));          // (4.6)  of n = tanh(γ_n)
            var dPreZ = dZ.Hadamard(SigmoidSlope(_z));       // (4.7)  of z = σ(γ_z)
            var dQ = dPreN.Hadamard(_r);                     // (4.8)  of r ⊙ q in (4.4)
            var dR = dPreN.Hadamard(_q);                     // (4.9)  of r ⊙ q in (4.4)
            var dPreR = dR.Hadamard(SigmoidSlope(_r));       // (4.9)  of r = σ(γ_r)
            var dFromInput = Stack(dPreR, dPreZ, dPreN);
            var dFromState = Stack(dPreR, dPreZ, dQ);        // the candidate's rows differ: b_in and b_hn cannot be merged
            var dParameters = new CellParameters(
                dFromInput * _x.Transpose(),                 // (4.10) of W_ih x
                dFromState * _h.Transpose(),                 // (4.11) of W_hh h
                dFromInput.SumOfColumns(),                   // (4.10) of b_ih
                dFromState.SumOfColumns());                  // (4.11) of b_hh
            var dx = _parameters.WeightIh.Transpose() * dFromInput; // (4.12)
            var dh = dNext.H.Hadamard(_z) + _parameters.WeightHh.Transpose() * dFromState; // (4.13)
            return new StepGradients(Stack(dR, dZ, dN), dFromInput, dParameters, dx, new CellState(dh));
        }
    }
}
