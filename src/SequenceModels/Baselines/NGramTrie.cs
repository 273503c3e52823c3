namespace SequenceModels.Baselines;

/// <summary>
/// All n-grams of a text as one tree: a node is an n-gram, its child by a token the n-gram that is one longer. The children of all nodes lie in one hash table by (node, token),
/// exact and compact; a node's own numbers lie in arrays.
/// </summary>
internal sealed class NGramTrie
{
    /// <summary>No node.</summary>
    public const int None = -1;

    /// <summary>The empty n-gram.</summary>
    public const int Root = 0;

    private const int FirstSlots = 1 << 10;
    private ulong[] _keys = new ulong[FirstSlots];
    private int[] _children = new int[FirstSlots];
    private NodeCounts[] _nodes = new NodeCounts[FirstSlots / 2];

    /// <summary>Number of nodes, the root among them.</summary>
    public int Count { get; private set; } = 1;

    /// <summary>How often the node's last token came after the others.</summary>
    public int Occurrences(int node) => _nodes[node].Occurrences;

    /// <summary>How often any token came after the node's.</summary>
    public int Continuations(int node) => _nodes[node].Continuations;

    /// <summary>How many different tokens came after the node's.</summary>
    public int Followers(int node) => _nodes[node].Followers;

    /// <summary>The node's child by a token, or <see cref="None"/>.</summary>
    public int Find(int node, int token)
    {
        ulong key = KeyOf(node, token);
        int slot = SlotOf(key);
        return _keys[slot] == key ? _children[slot] : None;
    }

    /// <summary>The node's child by a token, which may be new; nothing is counted.</summary>
    public int GetOrAdd(int node, int token)
    {
        ulong key = KeyOf(node, token);
        int slot = SlotOf(key);
        if (_keys[slot] == key)
            return _children[slot];
        if (Count == _nodes.Length)
        {
            Grow();
            slot = SlotOf(key);
        }

        _keys[slot] = key;
        return _children[slot] = Count++;
    }

    /// <summary>Counts a token after a node's and gives the child.</summary>
    public int CountOne(int node, int token)
    {
        int child = GetOrAdd(node, token);
        if (_nodes[child].Occurrences++ == 0)
            _nodes[node].Followers++;
        _nodes[node].Continuations++;
        return child;
    }

    // Tokens are numbered from 0; key 0 marks a free slot.
    private static ulong KeyOf(int node, int token) => ((ulong)(uint)node << 32) | ((uint)token + 1u);

    private int SlotOf(ulong key)
    {
        // Fibonacci hashing: the upper bits of the product depend on all bits of the key.
        ulong hash = (key ^ (key >> 32)) * 0x9E37_79B9_7F4A_7C15;
        int mask = _keys.Length - 1;
        int slot = (int)(hash >> 32) & mask;
        while (_keys[slot] != 0 && _keys[slot] != key)
            slot = (slot + 1) & mask;
        return slot;
    }

    private void Grow()
    {
        var (keys, children) = (_keys, _children);
        _keys = new ulong[checked(keys.Length * 2)];
        _children = new int[_keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i] == 0)
                continue;
            int slot = SlotOf(keys[i]);
            _keys[slot] = keys[i];
            _children[slot] = children[i];
        }

        Array.Resize(ref _nodes, _keys.Length / 2);
    }

    private struct NodeCounts
    {
        public int Occurrences;
        public int Continuations;
        public int Followers;
    }
}
