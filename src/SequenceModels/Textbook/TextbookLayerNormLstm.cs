using MathNet.Numerics.LinearAlgebra;
using static SequenceModels.Textbook.Elementwise;

namespace SequenceModels.Textbook;

/// <summary>What is normalised in an LSTM with layer normalisation: three definitions are in use, and weights of one mean nothing to another.</summary>
internal enum LayerNormPlacement
{
    /// <summary>Each of the two products over all 4H rows, and what the output gate lets through; the cell state is carried as it is (Ba, Kiros and Hinton 2016).</summary>
    ProductsAndOutput,

    /// <summary>Each of the two products over all 4H rows, and the cell state itself, which is carried normalised (PyTorch's benchmark <c>custom_lstms</c>).</summary>
    ProductsAndCell,

    /// <summary>The sum of the products, gate by gate, and what the output gate lets through; the cell state is carried as it is.</summary>
    GatesAndOutput,
}

/// <summary>Long short-term memory with layer normalisation, section 15 of docs/equations.md. Gate rows: i, f, g, o.</summary>
/// <param name="parameters">
/// Weights with 4H rows; biases are added after the normalisation (zeros where a definition has none). Gains and shifts as single columns:
/// <c>ln_c_gamma</c>, <c>ln_c_beta</c> [H]; for products <c>ln_ih_gamma</c>, <c>ln_ih_beta</c>, <c>ln_hh_gamma</c>, <c>ln_hh_beta</c> [4H]; for gates
/// <c>ln_gates_gamma</c>, <c>ln_gates_beta</c> [4H].
/// </param>
/// <param name="placement">What is normalised.</param>
/// <param name="epsilon">ε, added to each variance.</param>
internal sealed class TextbookLayerNormLstm(CellParameters parameters, LayerNormPlacement placement, double epsilon = 1e-5) : TextbookCell(parameters)
{
    /// <inheritdoc/>
    public override bool HasCellState => true;

    /// <inheritdoc/>
    public override TextbookStep Forward(Matrix<double> x, CellState previous) => new Step(Parameters, placement, epsilon, x, previous);

    private sealed class Step : TextbookStep
    {
        private readonly CellParameters _parameters;
        private readonly LayerNormPlacement _placement;
        private readonly Matrix<double> _x;
        private readonly Matrix<double> _h;
        private readonly Matrix<double> _c;
        private readonly TextbookLayerNorm[] _norms; // of W_ih x and of W_hh h; or one a gate
        private readonly TextbookLayerNorm _cellNorm;
        private readonly Matrix<double> _i;
        private readonly Matrix<double> _f;
        private readonly Matrix<double> _g;
        private readonly Matrix<double> _o;
        private readonly Matrix<double> _tanhC;

        public Step(CellParameters parameters, LayerNormPlacement placement, double epsilon, Matrix<double> x, CellState previous)
        {
            (_parameters, _placement, _x, _h) = (parameters, placement, x, previous.H);
            _c = previous.C ?? throw new ArgumentException("An LSTM's state has a C.", nameof(previous));
            int size = parameters.HiddenSize;
            TextbookLayerNorm Normalise(Matrix<double> v, string name, int part = 0) =>
                new(v, parameters.Further[$"{name}_gamma"].Gate(part, v.RowCount), parameters.Further[$"{name}_beta"].Gate(part, v.RowCount), epsilon);

            Matrix<double> fromInput = parameters.WeightIh * _x, fromState = parameters.WeightHh * _h;
            if (placement == LayerNormPlacement.GatesAndOutput)
            {
                _norms = [.. Enumerable.Range(0, 4).Select(gate => Normalise((fromInput + fromState).Gate(gate, size), "ln_gates", gate))];
                PreActivations = Stack([.. _norms.Select(norm => norm.Value)]);                 // (15.9)
            }
            else
            {
                _norms = [Normalise(fromInput, "ln_ih"), Normalise(fromState, "ln_hh")];
                PreActivations = _norms[0].Value + _norms[1].Value;                             // (15.8)
            }

            PreActivations = PreActivations.PlusColumn(parameters.BiasIh).PlusColumn(parameters.BiasHh);
            _i = Sigmoid(PreActivations.Gate(0, size));                                         // (15.10)
            _f = Sigmoid(PreActivations.Gate(1, size));                                         // (15.10)
            _g = Tanh(PreActivations.Gate(2, size));                                            // (15.10)
            _o = Sigmoid(PreActivations.Gate(3, size));                                         // (15.10)
            var sum = _f.Hadamard(_c) + _i.Hadamard(_g);                                        // (15.11)
            _cellNorm = Normalise(sum, "ln_c");                                                 // (15.12)
            _tanhC = Tanh(_cellNorm.Value);
            var carried = placement == LayerNormPlacement.ProductsAndCell ? _cellNorm.Value : sum; // (15.13)
            State = new CellState(_o.Hadamard(_tanhC), carried);                                // (15.14)
        }

        public override CellState State { get; }

        public override Matrix<double> PreActivations { get; }

        public override Matrix<double> Gates => Stack(_i, _f, _g, _o);

        public override StepGradients Backward(CellState dNext)
        {
            bool carriesNormal = _placement == LayerNormPlacement.ProductsAndCell;
            var dNormal = dNext.H.Hadamard(_o).Hadamard(TanhSlope(_tanhC));                     // (15.15) of h' = o ⊙ tanh(n)
            if (carriesNormal)
                dNormal += dNext.C!;                                                            // (15.15) of c' = n
            var (dSum, dCellGain, dCellShift) = _cellNorm.Backward(dNormal);                    // (15.16) of n = LN_c(s)
            if (!carriesNormal)
                dSum += dNext.C!;                                                               // (15.16) of c' = s
            var dO = dNext.H.Hadamard(_tanhC);                                                  // (15.17) of h' = o ⊙ tanh(n)
            var dI = dSum.Hadamard(_g);                                                         // (15.17) of s = f ⊙ c + i ⊙ g
            var dF = dSum.Hadamard(_c);                                                         // (15.17) of s = f ⊙ c + i ⊙ g
            var dG = dSum.Hadamard(_i);                                                         // (15.17) of s = f ⊙ c + i ⊙ g
            var dPre = Stack(
                dI.Hadamard(SigmoidSlope(_i)),
                dF.Hadamard(SigmoidSlope(_f)),
                dG.Hadamard(TanhSlope(_g)),
                dO.Hadamard(SigmoidSlope(_o)));                                                 // (15.18) of (15.10)
            var further = new Dictionary<string, Matrix<double>> { ["ln_c_gamma"] = dCellGain, ["ln_c_beta"] = dCellShift };
            var (dFromInput, dFromState) = BackwardOfNorms(dPre, further);
            var dBias = dPre.SumOfColumns();                                                    // (15.21) of both biases
            var dParameters = new CellParameters(
                dFromInput * _x.Transpose(),                                                    // (15.22) of W_ih x
                dFromState * _h.Transpose(),                                                    // (15.22) of W_hh h
                dBias,
                dBias)
            { Further = further };
            var dx = _parameters.WeightIh.Transpose() * dFromInput;                             // (15.23) of W_ih x
            var dh = _parameters.WeightHh.Transpose() * dFromState;                             // (15.23) of W_hh h
            var dc = dSum.Hadamard(_f);                                                         // (15.24) of s = f ⊙ c + i ⊙ g
            return new StepGradients(Stack(dI, dF, dG, dO), dPre, dParameters, dx, new CellState(dh, dc));
        }

        private (Matrix<double> DFromInput, Matrix<double> DFromState) BackwardOfNorms(Matrix<double> dPre, Dictionary<string, Matrix<double>> further)
        {
            if (_placement != LayerNormPlacement.GatesAndOutput)
            {
                (var dFromInput, further["ln_ih_gamma"], further["ln_ih_beta"]) = _norms[0].Backward(dPre); // (15.19) of (15.8)
                (var dFromState, further["ln_hh_gamma"], further["ln_hh_beta"]) = _norms[1].Backward(dPre); // (15.19) of (15.8)
                return (dFromInput, dFromState);
            }

            var gates = _norms.Select((norm, gate) => norm.Backward(dPre.Gate(gate, _parameters.HiddenSize))).ToArray();
            further["ln_gates_gamma"] = Stack([.. gates.Select(g => g.DGain)]);
            further["ln_gates_beta"] = Stack([.. gates.Select(g => g.DShift)]);
            var dProducts = Stack([.. gates.Select(g => g.DV)]);                                // (15.20) of (15.9)
            return (dProducts, dProducts);
        }
    }
}
