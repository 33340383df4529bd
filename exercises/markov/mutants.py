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
                code="""
                    def table_size(m, n):
                        return m * n
                """,
                check="table-size-value",
                message="the sizes are multiplied|unigrams",
            ),
            Mutant(
                fault="m and n swapped",
                code="""
                    def table_size(m, n):
                        return n**m if n > 1 else m
                """,
                check="table-size-value",
                message="n and m are swapped",
            ),
            Mutant(
                fault="contexts only",
                code="""
                    def table_size(m, n):
                        return m ** (n - 1)
                """,
                check="table-size-value",
                message="unigrams: one for each character",
            ),
            Mutant(
                fault="string instead of a number",
                code="""
                    def table_size(m, n):
                        return f"{m**n:,}"
                """,
                check="table-size-value",
                message="expected a number, but got a str",
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
                code="""
                    def continuation_counts(text, n):
                        before = {}
                        for i in range(len(text) - n + 1):
                            gram = text[i : i + n]
                            before.setdefault(gram, set()).update(text[max(i - 1, 0) : i])  # <-
                        return {gram: len(characters) for gram, characters in before.items()}
                """,
                check="ngram-counts-value",
                message="n-grams with nothing before them are in it, too",
            ),
            Mutant(
                fault="beginning of the text as a character",
                code="""
                    def continuation_counts(text, n):
                        before = {}
                        for i in range(len(text) - n + 1):
                            gram = text[i : i + n]
                            before.setdefault(gram, set()).add(text[max(i - 1, 0) : i])  # <-
                        return {gram: len(characters) for gram, characters in before.items()}
                """,
                check="ngram-counts-value",
                message="the beginning of the text counts as a character",
            ),
            Mutant(
                fault="last character before the first n-gram",
                code="""
                    def continuation_counts(text, n):
                        before = {}
                        for i in range(len(text) - n + 1):  # <-
                            gram = text[i : i + n]
                            before.setdefault(gram, set()).add(text[i - 1])
                        return {gram: len(characters) for gram, characters in before.items()}
                """,
                check="ngram-counts-value",
                message="wrong counts for|the beginning of the text counts",
            ),
            Mutant(
                fault="last n-gram missing",
                code="""
                    def continuation_counts(text, n):
                        before = {}
                        for i in range(1, len(text) - n):  # <-
                            gram = text[i : i + n]
                            before.setdefault(gram, set()).add(text[i - 1])
                        return {gram: len(characters) for gram, characters in before.items()}
                """,
                check="ngram-counts-value",
                message="the last n-gram is left out",
            ),
            Mutant(
                fault="every n-gram counted once",
                code="""
                    def continuation_counts(text, n):
                        before = {}
                        for i in range(1, len(text) - n + 1):
                            gram = text[i : i + n]
                            before.setdefault(gram, set()).add(text[i - 1])
                        return {gram: 1 for gram in before}  # <-
                """,
                check="ngram-counts-value",
                message="each n-gram is counted once",
            ),
            Mutant(
                fault="sets instead of their sizes",
                code="""
                    def continuation_counts(text, n):
                        before = {}
                        for i in range(1, len(text) - n + 1):
                            gram = text[i : i + n]
                            before.setdefault(gram, set()).add(text[i - 1])
                        return before  # <-
                """,
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
                code="""
                    def witten_bell(counts, shorter):
                        c, D = sum(counts), sum(c > 0 for c in counts)
                        if c == 0:
                            return shorter
                        return [c_x / c for c_x, P in zip(counts, shorter)]  # <-
                """,
                check="witten-bell-value",
                message="the shorter estimate is ignored",
            ),
            Mutant(
                fault="D counts all characters",
                code="""
                    def witten_bell(counts, shorter):
                        c, D = sum(counts), len(counts)  # <-
                        if c == 0:
                            return shorter
                        return [(c_x + D * P) / (c + D) for c_x, P in zip(counts, shorter)]
                """,
                check="witten-bell-value",
                message="D is the number of all characters",
            ),
            Mutant(
                fault="denominator c alone",
                code="""
                    def witten_bell(counts, shorter):
                        c, D = sum(counts), sum(c > 0 for c in counts)
                        if c == 0:
                            return shorter
                        return [(c_x + D * P) / c for c_x, P in zip(counts, shorter)]  # <-
                """,
                check="witten-bell-value",
                message="the denominator is c alone",
            ),
            Mutant(
                fault="uniform instead of the shorter estimate",
                code="""
                    def witten_bell(counts, shorter):
                        c, D = sum(counts), sum(c > 0 for c in counts)
                        if c == 0:
                            return shorter
                        return [(c_x + D / len(counts)) / (c + D) for c_x, P in zip(counts, shorter)]  # <-
                """,
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
                code="""
                    def witten_bell(counts, shorter):
                        c, D = sum(counts), sum(c > 0 for c in counts)
                        if c == 0:
                            return [1 / len(shorter)] * len(shorter)  # <-
                        return [(c_x + D * P) / (c + D) for c_x, P in zip(counts, shorter)]
                """,
                check="witten-bell-unseen",
                message="the shorter one decides",
            ),
            Mutant(
                fault="integer division",
                code="""
                    def witten_bell(counts, shorter):
                        c, D = sum(counts), sum(c > 0 for c in counts)
                        if c == 0:
                            return shorter
                        return [(c_x + D * P) // (c + D) for c_x, P in zip(counts, shorter)]  # <-
                """,
                check="witten-bell-value",
                message="wrong",
            ),
        ],
        variants=[
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
                code="""
                    def recall(h_t, m, k):
                        x = []
                        for _ in range(k):
                            x.append(h_t % m)
                            h_t = h_t // m
                        return x  # <-
                """,
                check="exact-state-value",
                message="the latest character comes first",
            ),
            Mutant(
                fault="float division, rounded",
                code="""
                    def recall(h_t, m, k):
                        x = []
                        for _ in range(k):
                            x.append(h_t % m)
                            h_t = int(h_t / m)  # <-
                        return x[::-1]
                """,
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
                code="""
                    def recall(h_t, m, k):
                        x = []
                        for _ in range(k):
                            x.append(h_t % 10)  # <-
                            h_t = h_t // 10  # <-
                        return x[::-1]
                """,
                check="exact-state-value",
                message="the base is 10, not m",
            ),
        ],
        variants=[
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
