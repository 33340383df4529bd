"""Known mistakes in the exercises on Markov models, and other right solutions."""

from rnncourse.grading.mutants import Answers, Mutant, Variant

ANSWERS = [
    Answers(
        exercise="table-size",
        solution="""
            def table_size(m, n):
                return m**n
        """,
        mutants=[
            Mutant(
                fault="m times n",
                edits={"**": " * "},
                check="table-size-value",
                message="the sizes are multiplied|unigrams",
            ),
            Mutant(
                fault="m and n swapped",
                edits={"m**n": "n**m if n > 1 else m"},
                check="table-size-value",
                message="n and m are swapped",
            ),
            Mutant(
                fault="contexts only",
                edits={"**n": " ** (n - 1)"},
                check="table-size-value",
                message="only the contexts are counted",
            ),
            Mutant(
                fault="string instead of a number",
                edits={"m**n": 'f"{m**n:,}"'},
                check="table-size-value",
                message="expected a number, but got a str",
            ),
            Mutant(
                fault="order ignored",
                edits={"m**n": "math.comb(m + n - 1, n)"},
                check="table-size-value",
                message="the order of the characters is ignored",
            ),
            Mutant(
                fault="no repeats",
                edits={"m**n": "math.perm(m, n)"},
                check="table-size-value",
                message="no character may occur twice in an n-gram",
            ),
            Mutant(
                fault="float",
                edits={"m**": "float(m) ** "},
                check="table-size-value",
                message="expected a whole number, but got the float",
            ),
            Mutant(
                fault="sum over orders",
                edits={"m**n": "sum(m**k for k in range(1, n + 1))"},
                check="table-size-value",
                message="the tables of all shorter n-grams are added",
            ),
            Mutant(
                fault="base and exponent swapped (n**m)",
                edits={"m**n": "n ** m"},
                check="table-size-value",
                message="n and m are swapped",
            ),
            Mutant(
                fault="counts only free parameters: m**(n-1) contexts times (m-1), since rows sum to one",
                code="""
                    def table_size(m, n):
                        contexts = m ** (n - 1)
                        return contexts * (m - 1)
                """,
                check="table-size-value",
                message="the last probability of a context is left out, as 1 - the rest",
            ),
            Mutant(
                fault="counts the contexts (n-1 characters) rather than the n-grams",
                code="""
                    def table_size(m, n):
                        size = 1
                        for i in range(1, n):
                            size *= m
                        return size
                """,
                check="table-size-value",
                message="only the contexts are counted",
            ),
        ],
        variants=[
            Variant(
                way="a product",
                code="""
                    def table_size(m, n):
                        return math.prod([m] * n)
                """,
            ),
        ],
    ),
    Answers(
        exercise="ngram-counts",
        solution="""
            def continuation_counts(text, n):
                before = {}
                for i in range(1, len(text) - n + 1):
                    gram = text[i : i + n]
                    before.setdefault(gram, set()).add(text[i - 1])
                return {gram: len(characters) for gram, characters in before.items()}
        """,
        mutants=[
            Mutant(
                fault="all occurrences counted",
                code="""
                    def continuation_counts(text, n):
                        counts = {}
                        for i in range(len(text) - n + 1):
                            gram = text[i : i + n]
                            counts[gram] = counts.get(gram, 0) + 1  # <-
                        return counts
                """,
                check="ngram-counts-value",
                message="all occurrences are counted",
            ),
            Mutant(
                fault="list for the set",
                code="""
                    def continuation_counts(text, n):
                        before = {}
                        for i in range(1, len(text) - n + 1):
                            gram = text[i : i + n]
                            before.setdefault(gram, []).append(text[i - 1])  # <-
                        return {gram: len(characters) for gram, characters in before.items()}
                """,
                check="ngram-counts-value",
                message="each character before is counted as often as it stands there",
            ),
            Mutant(
                fault="characters after",
                code="""
                    def continuation_counts(text, n):
                        before = {}
                        for i in range(len(text) - n):
                            gram = text[i : i + n]
                            before.setdefault(gram, set()).add(text[i + n])  # <-
                        return {gram: len(characters) for gram, characters in before.items()}
                """,
                check="ngram-counts-value",
                message="the characters after are counted",
            ),
            Mutant(
                fault="n-grams with nothing before them",
                edits={
                    "1, ": "",
                    "add(text[i - 1])": "update(text[max(i - 1, 0) : i])",
                },
                check="ngram-counts-value",
                message="n-grams with nothing before them are in it, too",
            ),
            Mutant(
                fault="beginning of the text as a character",
                edits={"1, ": "", "i - 1])": "max(i - 1, 0) : i])"},
                check="ngram-counts-value",
                message="the beginning of the text counts as a character",
            ),
            Mutant(
                fault="last character before the first n-gram",
                edits={"1, ": "", "1):": "1):"},
                check="ngram-counts-value",
                message=r"the text's last character, text\[-1\], counts",
            ),
            Mutant(
                fault="last n-gram missing",
                edits={" + 1):": "):"},
                check="ngram-counts-value",
                message="the last n-gram is left out",
            ),
            Mutant(
                fault="every n-gram counted once",
                edits={
                    "len(characters) for gram, characters in before.items()}": "1 for gram in before}"
                },
                check="ngram-counts-value",
                message="each n-gram is counted once",
            ),
            Mutant(
                fault="sets instead of their sizes",
                edits={
                    "{gram: len(characters) for gram, characters in before.items()}": "before"
                },
                check="ngram-counts-value",
                message="the characters themselves are returned, not their number",
            ),
            Mutant(
                fault="list instead of a dictionary",
                code="""
                    def continuation_counts(text, n):
                        before = {}
                        for i in range(1, len(text) - n + 1):
                            gram = text[i : i + n]
                            before.setdefault(gram, set()).add(text[i - 1])
                        return [(gram, len(characters)) for gram, characters in before.items()]  # <-
                """,
                check="ngram-counts-value",
                message="expected a dictionary, but got a list",
            ),
            Mutant(
                fault="not in its own n-gram",
                code="""
                    def continuation_counts(text, n):
                        before = {}
                        for i in range(1, len(text) - n + 1):
                            gram = text[i : i + n]
                            if text[i - 1] not in gram:
                                before.setdefault(gram, set()).add(text[i - 1])
                        return {gram: len(characters) for gram, characters in before.items()}
                """,
                check="ngram-counts-value",
                message="a character that is in the n-gram does not count",
            ),
            Mutant(
                fault="starts at i = 0, where text[i - 1] is the last character of the text",
                code="""
                    from collections import defaultdict

                    def continuation_counts(text, n):
                        before = defaultdict(set)
                        for i in range(len(text) - n + 1):
                            before[text[i:i + n]].add(text[i - 1])
                        return {k: len(v) for k, v in before.items()}
                """,
                check="ngram-counts-value",
                message=r"the text's last character, text\[-1\], counts as standing before the",
            ),
            Mutant(
                fault="cuts the text into pieces of n characters that do not overlap",
                code="""
                    def continuation_counts(text, n):
                        before = {}
                        for i in range(n, len(text) - n + 1, n):
                            before.setdefault(text[i:i + n], set()).add(text[i - 1])
                        return {gram: len(chars) for gram, chars in before.items()}
                """,
                check="ngram-counts-value",
                message="overlapping n-grams are left out",
            ),
            Mutant(
                fault="slices at the end of the text are shorter than n but are counted, too",
                code="""
                    def continuation_counts(text, n):
                        before = {}
                        for i in range(1, len(text)):
                            before.setdefault(text[i:i + n], set()).add(text[i - 1])
                        return {gram: len(chars) for gram, chars in before.items()}
                """,
                check="ngram-counts-value",
                message="pieces at the end with fewer than n characters count",
            ),
            Mutant(
                fault="lower-cases the text first, so A and a count as one",
                code="""
                    def continuation_counts(text, n):
                        text = text.lower()
                        before = {}
                        for prev, i in zip(text, range(1, len(text) - n + 1)):
                            before.setdefault(text[i:i + n], set()).add(prev)
                        return {gram: len(chars) for gram, chars in before.items()}
                """,
                check="ngram-counts-value",
                message="capitals are made small",
            ),
            Mutant(
                fault="returns the sets of characters themselves, not how many",
                code="""
                    def continuation_counts(text, n):
                        before = {}
                        for i in range(1, len(text) - n + 1):
                            before.setdefault(text[i:i + n], set()).add(text[i - 1])
                        return before
                """,
                check="ngram-counts-value",
                message="the characters themselves are returned, not their number",
            ),
        ],
        variants=[
            Variant(
                way="longer pieces",
                code="""
                    def continuation_counts(text, n):
                        longer = {text[i : i + n + 1] for i in range(len(text) - n)}
                        counts = {}
                        for piece in longer:
                            counts[piece[1:]] = counts.get(piece[1:], 0) + 1
                        return counts
                """,
            ),
            Variant(
                way="Counter",
                code="""
                    from collections import Counter


                    def continuation_counts(text, n):
                        pairs = set(zip(text, (text[i : i + n] for i in range(1, len(text) - n + 1))))
                        return Counter(gram for _, gram in pairs)
                """,
            ),
        ],
    ),
    Answers(
        exercise="witten-bell",
        solution="""
            def witten_bell(counts, shorter):
                c, D = sum(counts), sum(c > 0 for c in counts)
                if c == 0:
                    return shorter
                return [(c_x + D * P) / (c + D) for c_x, P in zip(counts, shorter)]
        """,
        mutants=[
            Mutant(
                fault="no smoothing",
                edits={"(c_x + D * P) / (c + D)": "c_x / c", "]": "]"},
                check="witten-bell-value",
                message="the shorter estimate is ignored",
            ),
            Mutant(
                fault="D counts all characters",
                edits={"sum(c > 0 for c in counts)": "len(counts)"},
                check="witten-bell-value",
                message="D is the number of all characters",
            ),
            Mutant(
                fault="denominator c alone",
                edits={"(c + D)": "c", "]": "]"},
                check="witten-bell-value",
                message="the denominator is c alone",
            ),
            Mutant(
                fault="uniform instead of the shorter estimate",
                edits={"* P": "/ len(counts)", "]": "]"},
                check="witten-bell-value",
                message="the shorter estimate is taken as uniform",
            ),
            Mutant(
                fault="unseen context not handled",
                code="""
                    def witten_bell(counts, shorter):
                        c, D = sum(counts), sum(c > 0 for c in counts)
                        return [(c_x + D * P) / (c + D) for c_x, P in zip(counts, shorter)]
                """,
                check="witten-bell-unseen",
                message="witten_bell raised ZeroDivisionError",
            ),
            Mutant(
                fault="uniform for an unseen context",
                edits={
                    "return shorter": "return [1 / len(shorter)] * len(shorter)"
                },
                check="witten-bell-unseen",
                message="the shorter one decides",
            ),
            Mutant(
                fault="integer division",
                edits={"/": "//", "]": "]"},
                check="witten-bell-value",
                message="wrong",
            ),
            Mutant(
                fault="add-one",
                code="""
                    def witten_bell(counts, shorter):
                        c, m = sum(counts), len(counts)
                        D = sum(1 for c in counts if c > 0)
                        if c == 0:
                            return list(shorter)
                        return [(c_x + 1) / (c + m) for c_x, P in zip(counts, shorter)]
                """,
                check="witten-bell-value",
                message="one is added to each count",
            ),
            Mutant(
                fault="back-off",
                code="""
                    def witten_bell(counts, shorter):
                        c, m = sum(counts), len(counts)
                        D = sum(1 for c in counts if c > 0)
                        if c == 0:
                            return list(shorter)
                        return [c_x / c if c_x else P for c_x, P in zip(counts, shorter)]
                """,
                check="witten-bell-value",
                message="the shorter estimate stands in for counts of 0 only",
            ),
            Mutant(
                fault="D of singletons",
                code="""
                    def witten_bell(counts, shorter):
                        c, m = sum(counts), len(counts)
                        D = sum(1 for c in counts if c == 1)
                        if c == 0:
                            return list(shorter)
                        return [(c_x + D * P) / (c + D) for c_x, P in zip(counts, shorter)]
                """,
                check="witten-bell-value",
                message="only characters seen once are counted for D",
            ),
            Mutant(
                fault="D of the unseen",
                code="""
                    def witten_bell(counts, shorter):
                        c, m = sum(counts), len(counts)
                        D = sum(1 for c in counts if c == 0)
                        if c == 0:
                            return list(shorter)
                        return [(c_x + D * P) / (c + D) for c_x, P in zip(counts, shorter)]
                """,
                check="witten-bell-value",
                message="the characters not seen are counted for D",
            ),
            Mutant(
                fault="average",
                code="""
                    def witten_bell(counts, shorter):
                        c, m = sum(counts), len(counts)
                        D = sum(1 for c in counts if c > 0)
                        if c == 0:
                            return list(shorter)
                        return [(c_x / c + P) / 2 for c_x, P in zip(counts, shorter)]
                """,
                check="witten-bell-value",
                message="D is the sum of all counts",
            ),
            Mutant(
                fault="D not times shorter",
                code="""
                    def witten_bell(counts, shorter):
                        c, m = sum(counts), len(counts)
                        D = sum(1 for c in counts if c > 0)
                        if c == 0:
                            return list(shorter)
                        return [(c_x + D) / (c + D) for c_x, P in zip(counts, shorter)]
                """,
                check="witten-bell-value",
                message="D is not multiplied by the shorter estimate",
            ),
            Mutant(
                fault="no special case for a context never seen: division by zero",
                code="""
                    def witten_bell(counts, shorter):
                        total = sum(counts)
                        D = len([c for c in counts if c])
                        return [(c + D * s) / (total + D) for c, s in zip(counts, shorter)]
                """,
                check="witten-bell-unseen",
                message="witten_bell raised ZeroDivisionError: float division by zero",
            ),
            Mutant(
                fault="parentheses missing: only the second term is divided",
                code="""
                    def witten_bell(counts, shorter):
                        total = sum(counts)
                        D = sum(c > 0 for c in counts)
                        if total == 0:
                            return shorter
                        return [c + D * s / (total + D) for c, s in zip(counts, shorter)]
                """,
                check="witten-bell-value",
                message=r"only D P is divided by c \+ D, not the count",
            ),
            Mutant(
                fault="asks the shorter context only for characters that were not seen (back-off instead of mixture)",
                code="""
                    def witten_bell(counts, shorter):
                        total = sum(counts)
                        if total == 0:
                            return shorter
                        D = sum(1 for c in counts if c > 0)
                        out = []
                        for c, s in zip(counts, shorter):
                            if c > 0:
                                out.append(c / (total + D))
                            else:
                                out.append(D * s / (total + D))
                        return out
                """,
                check="witten-bell-value",
                message="a character that was seen gets nothing of the shorter estimate",
            ),
            Mutant(
                fault="D is the number of different counts (len(set(counts)))",
                code="""
                    def witten_bell(counts, shorter):
                        total = sum(counts)
                        if not total:
                            return shorter
                        D = len(set(counts))
                        return [(c + D * s) / (total + D) for c, s in zip(counts, shorter)]
                """,
                check="witten-bell-value",
                message="D is the number of different counts",
            ),
            Mutant(
                fault="an unseen context gives the uniform distribution instead of shorter",
                code="""
                    def witten_bell(counts, shorter):
                        m = len(counts)
                        total = sum(counts)
                        if total == 0:
                            return [1 / m] * m
                        D = sum(c != 0 for c in counts)
                        return [(c + D * s) / (total + D) for c, s in zip(counts, shorter)]
                """,
                check="witten-bell-unseen",
                message="all entries along the first axis are the same",
            ),
        ],
        variants=[
            Variant(
                way="helpers called mixture and names",
                code="""
                    names = "counts", "shorter"

                    def mixture(counts, shorter):
                        D = len([c for c in counts if c])
                        return [(c + D * P) / (sum(counts) + D) for c, P in zip(counts, shorter)]

                    def witten_bell(counts, shorter):
                        assert names == ("counts", "shorter")
                        return mixture(counts, shorter) if any(counts) else list(shorter)
                """,
            ),
            Variant(
                way="as a weighted mean",
                code="""
                    def witten_bell(counts, shorter):
                        c, D = sum(counts), len([c for c in counts if c])
                        w = D / (c + D) if c else 1.0
                        return [
                            (1 - w) * (c_x / c if c else 0.0) + w * P for c_x, P in zip(counts, shorter)
                        ]
                """,
            ),
        ],
    ),
    Answers(
        exercise="exact-state",
        solution="""
            def recall(h_t, m, k):
                x = []
                for _ in range(k):
                    x.append(h_t % m)
                    h_t = h_t // m
                return x[::-1]
        """,
        mutants=[
            Mutant(
                fault="latest first",
                edits={"[::-1]": ""},
                check="exact-state-value",
                message="the latest character comes first",
            ),
            Mutant(
                fault="float division, rounded",
                edits={"h_t // m": "int(h_t / m)"},
                check="exact-state-long",
                message="is it rounded|OverflowError",
            ),
            Mutant(
                fault="stops at zero",
                code="""
                    def recall(h_t, m, k):
                        x = []
                        for _ in range(k):
                            if h_t == 0:  # <-
                                break  # <-
                            x.append(h_t % m)
                            h_t = h_t // m
                        return x[::-1]
                """,
                check="exact-state-long",
                message="zeros at the beginning are characters, too",
            ),
            Mutant(
                fault="base 10 hard-coded",
                edits={"m)": "10)", "/ m": "/ 10"},
                check="exact-state-value",
                message="the base is 10, not m",
            ),
            Mutant(
                fault="whole parts",
                code="""
                    def recall(h_t, m, k):
                        x = []
                        for _ in range(k):
                            h_t = h_t // m
                            x.append(h_t)
                        return x[::-1]
                """,
                check="exact-state-value",
                message="the whole parts are returned, not the remainders",
            ),
            Mutant(
                fault="not renewed",
                code="""
                    def recall(h_t, m, k):
                        return [h_t % m for _ in range(k)]
                """,
                check="exact-state-value",
                message="the state is not renewed",
            ),
            Mutant(
                fault="float division",
                edits={"h_t // m": "int(h_t / m)"},
                check="exact-state-long",
                message="recall raised OverflowError",
            ),
            Mutant(
                fault="divides with / and int(), which is inexact for large states",
                code="""
                    def recall(h_t, m, k):
                        chars = []
                        for _ in range(k):
                            chars.insert(0, int(h_t % m))
                            h_t = int(h_t / m)
                        return chars
                """,
                check="exact-state-long",
                message="recall raised OverflowError: integer division result too large for a",
            ),
            Mutant(
                fault="divides before taking the remainder: the newest character is lost",
                code="""
                    def recall(h_t, m, k):
                        chars = []
                        for _ in range(k):
                            h_t //= m
                            chars.append(h_t % m)
                        chars.reverse()
                        return chars
                """,
                check="exact-state-value",
                message="it is divided before the remainder is taken: the characters are",
            ),
            Mutant(
                fault="off by one: only k - 1 characters",
                code="""
                    def recall(h_t, m, k):
                        return [h_t // m ** i % m for i in range(k - 1, 0, -1)]
                """,
                check="exact-state-value",
                message="the last one is missing; the others are right",
            ),
            Mutant(
                fault="returns a string of digits",
                code="""
                    def recall(h_t, m, k):
                        s = ""
                        for i in range(k):
                            s = str(h_t % m) + s
                            h_t = h_t // m
                        return s
                """,
                check="exact-state-value",
                message="expected 3 results, but got a str; return them as a tuple or a list",
            ),
            Mutant(
                fault="takes the remainder by k instead of m",
                code="""
                    def recall(h_t, m, k):
                        out = []
                        for _ in range(k):
                            out = [h_t % k] + out
                            h_t = h_t // m
                        return out
                """,
                check="exact-state-value",
                message="the remainder is taken by k, not by m",
            ),
        ],
        variants=[
            Variant(
                way="a helper called remember",
                code="""
                    def remember(h_t, m):
                        return h_t // m, h_t % m

                    def recall(h_t, m, k):
                        x = []
                        while len(x) < k:
                            h_t, x_t = remember(h_t, m)
                            x.insert(0, x_t)
                        return x
                """,
            ),
            Variant(
                way="from powers",
                code="""
                    def recall(h_t, m, k):
                        return [h_t // m**i % m for i in range(k)][::-1]
                """,
            ),
        ],
    ),
]
