using MathNet.Numerics.LinearAlgebra;
using static SequenceModels.Textbook.Elementwise;

namespace SequenceModels.Textbook;

/// <summary>
/// The gated recurrent unit with the reset gate before the recurrent product, section 5 of docs/equations.md: the form of Cho et al.
/// 2014 and of the course notes. Gate rows: r, z, n. The update gate z keeps the old value (the notes' Γ_u is 1 - z).
/// </summary>
/// <param name="parameters">Weights with 3H rows.</param>
internal sealed class TextbookGruResetBefore(CellParameters parameters) : TextbookCell(parameters)
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
        private readonly Matrix<double> _s;
        private readonly Matrix<double> _n;

        public Step(CellParameters parameters, Matrix<double> x, CellState previous)
        {
            (_parameters, _x, _h) = (parameters, x, previous.H);
            int size = parameters.HiddenSize;
            var fromInput = (parameters.WeightIh * _x).PlusColumn(parameters.BiasIh);

            var preR = fromInput.Gate(0, size) + FromState(0, _h);
            var preZ = fromInput.Gate(1, size) + FromState(1, _h);
            _r = Sigmoid(preR);                                          // (5.1)
            _z = Sigmoid(preZ);                                          // (5.2)
            _s = _r.Hadamard(_h);                                        // (5.3)
            var preN = fromInput.Gate(2, size) + FromState(2, _s);
            _n = Tanh(preN);                                             // (5.4)
            State = new CellState((1 - _z).Hadamard(_n) + _z.Hadamard(_h)); // (5.5)
            PreActivations = Stack(preR, preZ, preN);
        }

        public override CellState State { get; }

        public override Matrix<double> PreActivations { get; }

        public override Matrix<double> Gates => Stack(_r, _z, _n);

        public override StepGradients Backward(CellState dNext)
        {
            var dN = dNext.H.Hadamard(1 - _z);                 // (5.6)  of h' = (1-z) ⊙ n + z ⊙ h
            var dZ = dNext.H.Hadamard(_h - _n);                // (5.7)  of h' = (1-z) ⊙ n + z ⊙ h
            var dPreN = dN.Hadamard(TanhSlope(_n));            // (5.6)  of n = tanh(γ_n)
            var dPreZ = dZ.Hadamard(SigmoidSlope(_z));         // (5.7)  of z = σ(γ_z)
            var dS = WeightHh(2).Transpose() * dPreN;          // (5.8)  of W_hn s in (5.4)
            var dR = dS.Hadamard(_h);                          // (5.9)  of s = r ⊙ h
            var dPreR = dR.Hadamard(SigmoidSlope(_r));         // (5.9)  of r = σ(γ_r)
            var dPre = Stack(dPreR, dPreZ, dPreN);
            var dBias = dPre.SumOfColumns();
            var dParameters = new CellParameters(
                dPre * _x.Transpose(),                         // (5.10) of W_ih x
                Stack(
                    dPreR * _h.Transpose(),                    // (5.11) of W_hr h
                    dPreZ * _h.Transpose(),                    // (5.11) of W_hz h
                    dPreN * _s.Transpose()),                   // (5.11) of W_hn s, not of W_hn h
                dBias,                                         // (5.10) of b_ih
                dBias);                                        // (5.11) of b_hh
            var dx = _parameters.WeightIh.Transpose() * dPre;  // (5.12)
            var dh = dNext.H.Hadamard(_z)
                + dS.Hadamard(_r)
                + WeightHh(0).Transpose() * dPreR
                + WeightHh(1).Transpose() * dPreZ;             // (5.13)
            return new StepGradients(Stack(dR, dZ, dN), dPre, dParameters, dx, new CellState(dh));
        }

        private Matrix<double> WeightHh(int gate) => _parameters.WeightHh.Gate(gate, _parameters.HiddenSize);

        private Matrix<double> FromState(int gate, Matrix<double> state) =>
            (WeightHh(gate) * state).PlusColumn(_parameters.BiasHh.Gate(gate, _parameters.HiddenSize));
    }
}
