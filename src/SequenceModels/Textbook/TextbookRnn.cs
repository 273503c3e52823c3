using MathNet.Numerics.LinearAlgebra;
using static SequenceModels.Textbook.Elementwise;

namespace SequenceModels.Textbook;

/// <summary>The plain recurrent cell, section 2 of docs/equations.md (Elman 1990).</summary>
/// <param name="parameters">Weights with H rows.</param>
/// <param name="rectified">Whether φ is max(0, γ) in place of tanh.</param>
internal sealed class TextbookRnn(CellParameters parameters, bool rectified = false) : TextbookCell(parameters)
{
    /// <inheritdoc/>
    public override TextbookStep Forward(Matrix<double> x, CellState previous) => new Step(Parameters, rectified, x, previous);

    private sealed class Step : TextbookStep
    {
        private readonly CellParameters _parameters;
        private readonly bool _rectified;
        private readonly Matrix<double> _x;
        private readonly Matrix<double> _h;

        public Step(CellParameters parameters, bool rectified, Matrix<double> x, CellState previous)
        {
            (_parameters, _rectified, _x, _h) = (parameters, rectified, x, previous.H);

            PreActivations = (parameters.WeightIh * _x).PlusColumn(parameters.BiasIh)
                + (parameters.WeightHh * _h).PlusColumn(parameters.BiasHh);                          // (2.1)
            State = new CellState(rectified ? PreActivations.PointwiseMaximum(0) : Tanh(PreActivations)); // (2.2)
        }

        public override CellState State { get; }

        public override Matrix<double> PreActivations { get; }

        public override Matrix<double> Gates => State.H;

        public override StepGradients Backward(CellState dNext)
        {
            var slope = _rectified ? PreActivations.Map(g => g > 0 ? 1.0 : 0.0, Zeros.Include) : TanhSlope(State.H);
            var dPre = dNext.H.Hadamard(slope);                       // (2.3) of h' = φ(γ)
            var dBias = dPre.SumOfColumns();                          // (2.5) of both biases in (2.1)
            var dParameters = new CellParameters(
                dPre * _x.Transpose(),                                // (2.4) of W_ih x in (2.1)
                dPre * _h.Transpose(),                                // (2.4) of W_hh h in (2.1)
                dBias,
                dBias);
            var dx = _parameters.WeightIh.Transpose() * dPre;         // (2.6) of W_ih x in (2.1)
            var dh = _parameters.WeightHh.Transpose() * dPre;         // (2.7) of W_hh h in (2.1)
            return new StepGradients(dNext.H, dPre, dParameters, dx, new CellState(dh));
        }
    }
}
