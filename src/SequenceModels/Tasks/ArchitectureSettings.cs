namespace SequenceModels.Tasks;

/// <summary>The recurrent cell of a network.</summary>
public enum CellKind
{
    /// <summary>Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gates of Gers et al. 2000).</summary>
    Lstm,

    /// <summary>Gated recurrent unit (Cho et al. 2014), the reset gate after the product as in cuDNN and PyTorch.</summary>
    Gru,

    /// <summary>The vanilla recurrent network with tanh (Elman 1990).</summary>
    Rnn,

    /// <summary>The vanilla recurrent network with a rectifier (Le, Jaitly, Hinton 2015).</summary>
    ReluRnn,

    /// <summary>Gated recurrent unit with the reset gate before the product (Cho et al. 2014).</summary>
    GruResetBefore,

    /// <summary>LSTM whose gates see the cell state, each unit its own (Gers, Schraudolph, Schmidhuber 2002).</summary>
    PeepholeLstm,

    /// <summary>LSTM with layer normalisation of both products and of what the output gate lets through (Ba, Kiros, Hinton 2016).</summary>
    LayerNormLstm,

    /// <summary>LSTM with layer normalisation of both products and of the cell state, which is carried normalised (PyTorch's benchmark <c>custom_lstms</c>).</summary>
    LayerNormCellLstm,

    /// <summary>LSTM with layer normalisation of each gate's sum of products and of what the output gate lets through.</summary>
    LayerNormGatesLstm,
}

/// <summary>How text is cut into tokens.</summary>
public enum TokenizerKind
{
    /// <summary>One token a Unicode scalar value.</summary>
    Character,

    /// <summary>One token a word, number or punctuation mark.</summary>
    Word,
}

/// <summary>How a classifier makes one vector of the recurrent layer's outputs over time.</summary>
public enum PoolingKind
{
    /// <summary>Mean over the sequence's own steps.</summary>
    Mean,

    /// <summary>Maximum over the sequence's own steps, unit by unit.</summary>
    Max,

    /// <summary>The last state of each direction.</summary>
    Last,

    /// <summary>A mean over the sequence's own steps whose weights are learned: a softmax of u . tanh(W h + b) (Bahdanau, Cho, Bengio 2015; Yang et al. 2016).</summary>
    Attention,

    /// <summary>The last state, the maximum and the mean, one behind the other: three times as many components (Howard and Ruder 2018).</summary>
    Concat,
}

/// <summary>How long a dropout mask lasts.</summary>
public enum DropoutKind
{
    /// <summary>Drawn anew for each time step (Srivastava et al. 2014; Zaremba, Sutskever, Vinyals 2014).</summary>
    Standard,

    /// <summary>One mask a sequence, locked over all of its time steps (Gal and Ghahramani 2016; Merity, Keskar, Socher 2018).</summary>
    Variational,
}

/// <summary>Everything that fixes the shapes of a network and the meaning of its tokens. All choices are made: nothing is left automatic.</summary>
public sealed record ArchitectureSettings
{
    /// <summary>The recurrent cell.</summary>
    public CellKind Cell { get; init; } = CellKind.Lstm;

    /// <summary>Stacked recurrent layers, 1..8.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>H, units of each recurrent layer and direction, 1..4096.</summary>
    public int HiddenSize { get; init; } = 128;

    /// <summary>E, components of a token's embedding, 1..4096.</summary>
    public int EmbeddingSize { get; init; } = 64;

    /// <summary>Whether each layer also reads the sequence backwards. Classification only.</summary>
    public bool Bidirectional { get; init; }

    /// <summary>Probability of dropping a unit between layers and, unless <c>inputDropout</c> and <c>outputDropout</c> say otherwise, after the embedding and before the output layer; 0 to below 1.</summary>
    public double Dropout { get; init; }

    /// <summary>How long a mask of <c>dropout</c>, <c>inputDropout</c> and <c>outputDropout</c> lasts.</summary>
    public DropoutKind DropoutKind { get; init; }

    /// <summary>
    /// Probability of dropping a component of an embedding, 0 to below 1; <c>null</c>: <c>dropout</c>, but 0 where the first layer's input products are cheaper from a table over the vocabulary.
    /// </summary>
    public double? InputDropout { get; init; }

    /// <summary>Probability of dropping a unit before the output layer, 0 to below 1; <c>null</c>: <c>dropout</c>.</summary>
    public double? OutputDropout { get; init; }

    /// <summary>Probability of dropping a token's whole embedding, wherever it stands in a step's sequences, 0 to below 1 (Gal and Ghahramani 2016; Merity et al. 2018).</summary>
    public double EmbeddingDropout { get; init; }

    /// <summary>Probability of dropping a recurrent weight for all time steps of an update, 0 to below 1 (DropConnect: Wan et al. 2013; Merity et al. 2018).</summary>
    public double WeightDropout { get; init; }

    /// <summary>Probability of a unit's keeping its old hidden state, and, drawn apart, its old cell state, 0 to below 1; the expectation once training is over (Krueger et al. 2017).</summary>
    public double Zoneout { get; init; }

    /// <summary>Whether each layer but the first adds its input to its output (He et al. 2016; Wu et al. 2016). The first has an embedding for its input and adds nothing.</summary>
    public bool Residual { get; init; }

    /// <summary>Whether each layer's output, its input added before, is normalised (layer normalisation: Ba, Kiros, Hinton 2016).</summary>
    public bool LayerNorm { get; init; }

    /// <summary>Whether the output layer's weights are the embedding, behind a projection where E and H differ (Press and Wolf 2017; Inan et al. 2017). Language models only.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>Whether the states at the start of each text are parameters; otherwise they are 0.</summary>
    public bool LearnedInitialState { get; init; }

    /// <summary>How text is cut into tokens.</summary>
    public TokenizerKind Tokenizer { get; init; } = TokenizerKind.Character;

    /// <summary>Whether text is lower-cased (invariant culture) before it is cut into tokens.</summary>
    public bool LowerCase { get; init; }

    /// <summary>A token seen fewer times in the training texts is unknown, 1..1000.</summary>
    public int MinimumCount { get; init; } = 1;

    /// <summary>How a classifier pools over time; <c>null</c> for language models.</summary>
    public PoolingKind? Pooling { get; init; }
}
