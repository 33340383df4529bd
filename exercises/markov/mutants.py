"""Known mistakes in the exercises on Markov models, and other right solutions."""

from rnncourse.grading.mutants import Mutant, Variant

SIZE = "def table_size(m, n):\n    return "
COUNT = """def ngram_counts(text, n):
    counts = {}
    for i in range(len(text) - n + 1):
        gram = text[i : i + n]
        counts[gram] = counts.get(gram, 0) + 1
    return counts
"""
MIX = """def witten_bell(counts, shorter):
    c, D = sum(counts), sum(c > 0 for c in counts)
    if c == 0:
        return shorter
    return [(c_x + D * P) / (c + D) for c_x, P in zip(counts, shorter)]
"""
RECALL = """def recall(h_t, m, k):
    x = []
    for _ in range(k):
        x.append(h_t % m)
        h_t = h_t // m
    return x[::-1]
"""

MUTANTS = [
    Mutant(
        "table-size",
        "multiplied",
        SIZE + "m * n",
        "table-size-value",
        "the sizes are multiplied|unigrams",
    ),
    Mutant(
        "table-size",
        "swapped",
        SIZE + "n**m if n > 1 else m",
        "table-size-value",
        "n and m are swapped",
    ),
    Mutant(
        "table-size",
        "contexts only",
        SIZE + "m ** (n - 1)",
        "table-size-value",
        "unigrams: one for each character",
    ),
    Mutant(
        "table-size",
        "a text",
        SIZE + "f'{m**n:,}'",
        "table-size-value",
        "expected a number, but got a str",
    ),
    Mutant(
        "ngram-counts",
        "last one missing",
        COUNT.replace(" + 1)", ")"),
        "ngram-counts-value",
        "the last n-gram is left out",
    ),
    Mutant(
        "ngram-counts",
        "no overlaps",
        COUNT.replace("n + 1)", "n + 1, n)").replace("range(", "range(0, "),
        "ngram-counts-value",
        "overlaps are left out",
    ),
    Mutant(
        "ngram-counts",
        "counted once",
        COUNT.replace("counts.get(gram, 0) + 1", "1"),
        "ngram-counts-value",
        "each n-gram is counted once",
    ),
    Mutant(
        "ngram-counts",
        "shorter pieces at the end",
        COUNT.replace("(len(text) - n + 1)", "(len(text))"),
        "ngram-counts-value",
        "shorter pieces are counted, too",
    ),
    Mutant(
        "ngram-counts",
        "a list",
        COUNT.replace("return counts", "return list(counts.items())"),
        "ngram-counts-value",
        "expected a dictionary, but got a list",
    ),
    Mutant(
        "witten-bell",
        "no smoothing",
        MIX.replace("(c_x + D * P) / (c + D)", "c_x / c"),
        "witten-bell-value",
        "the shorter estimate is ignored",
    ),
    Mutant(
        "witten-bell",
        "D counts all",
        MIX.replace("sum(c > 0 for c in counts)", "len(counts)"),
        "witten-bell-value",
        "D is the number of all characters",
    ),
    Mutant(
        "witten-bell",
        "denominator",
        MIX.replace("/ (c + D)", "/ c"),
        "witten-bell-value",
        "the denominator is c alone",
    ),
    Mutant(
        "witten-bell",
        "uniform",
        MIX.replace("D * P", "D / len(counts)"),
        "witten-bell-value",
        "the shorter estimate is taken as uniform",
    ),
    Mutant(
        "witten-bell",
        "unseen context",
        MIX.replace("    if c == 0:\n        return shorter\n", ""),
        "witten-bell-unseen",
        "witten_bell raised ZeroDivisionError",
    ),
    Mutant(
        "witten-bell",
        "unseen context uniform",
        MIX.replace(
            "return shorter", "return [1 / len(shorter)] * len(shorter)"
        ),
        "witten-bell-unseen",
        "the shorter one decides",
    ),
    Mutant(
        "exact-state",
        "latest first",
        RECALL.replace("x[::-1]", "x"),
        "exact-state-value",
        "the latest character comes first",
    ),
    Mutant(
        "exact-state",
        "rounded",
        RECALL.replace("h_t // m", "int(h_t / m)"),
        "exact-state-long",
        "is it rounded|OverflowError",
    ),
    Mutant(
        "exact-state",
        "stops at zero",
        RECALL.replace(
            "range(k):", "range(k):\n        if h_t == 0:\n            break"
        ),
        "exact-state-long",
        "zeros at the beginning are characters, too",
    ),
    Mutant(
        "exact-state",
        "base ten",
        RECALL.replace("m\n", "10\n").replace("% m", "% 10"),
        "exact-state-value",
        "wrong after .* with m = 3",
    ),
    Mutant(
        "ngram-counts",
        "counted by str.count",
        "def ngram_counts(text, n):\n    pieces = {text[i : i + n] for i in range(len(text) - n + 1)}\n    return {piece: text.count(piece) for piece in pieces}",
        "ngram-counts-value",
        "overlaps are left out",
    ),
    Mutant(
        "witten-bell",
        "whole numbers",
        MIX.replace(" / (c + D)", " // (c + D)"),
        "witten-bell-value",
        "wrong",
    ),
]

VARIANTS = [
    Variant(
        "table-size",
        "a product",
        "def table_size(m, n):\n    return math.prod([m] * n)",
    ),
    Variant(
        "ngram-counts",
        "Counter",
        "from collections import Counter\n\n\ndef ngram_counts(text, n):\n    return Counter(text[i : i + n] for i in range(len(text) - n + 1))",
    ),
    Variant(
        "witten-bell",
        "as a weighted mean",
        "def witten_bell(counts, shorter):\n    c, D = sum(counts), len([c for c in counts if c])\n    w = D / (c + D) if c else 1.0\n    return [(1 - w) * (c_x / c if c else 0.0) + w * P for c_x, P in zip(counts, shorter)]",
    ),
    Variant(
        "exact-state",
        "from powers",
        "def recall(h_t, m, k):\n    return [h_t // m**i % m for i in range(k)][::-1]",
    ),
]
