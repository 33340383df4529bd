"""Known mistakes in the exercises on the recurrent network, and other right solutions."""

from rnncourse.grading.mutants import Answers, Mutant, Variant

ANSWERS = [
    Answers(
        exercise="rnn-step",
        solution="""
            def rnn_step(X_t, H, W_xh, W_hh, b_h):
                return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
        """,
        mutants=[
            Mutant(
                fault="bias forgotten",
                edits={" + b_h": ""},
                check="rnn-step-terms",
                message="the term b_h is left out",
            ),
            Mutant(
                fault="W_hh transposed",
                edits={"W_hh ": "W_hh.T "},
                check="rnn-step-terms",
                message="W_hh is transposed",
            ),
            Mutant(
                fault="tanh forgotten",
                edits={"torch.tanh(": "", "+ b_h)": "+ b_h"},
                check="rnn-step-terms",
                message="tanh is missing",
            ),
            Mutant(
                fault="state overwritten in place",
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        H += X_t @ W_xh  # <-
                        return torch.tanh(H)
                """,
                check="rnn-step-terms",
                message="changes its argument H",
            ),
            Mutant(
                fault="no return",
                edits={"return ": ""},
                check="rnn-step-terms",
                message=r"got nothing \(is there a return\?\)",
            ),
            Mutant(
                fault="only the first row returned",
                edits={"+ b_h)": "+ b_h)[:1]"},
                check="rnn-step-terms",
                message=r"expected the shape \(5, 4\) \(n, h\), but got \(1, 4\)",
            ),
            Mutant(
                fault="cast to float32",
                edits={"+ b_h)": "+ b_h).float()"},
                check="rnn-step-terms",
                message="expected the inputs' dtype torch.float64, but got torch.float32",
            ),
            Mutant(
                fault="weights on the left",
                edits={"X_t @ W_xh + H @ W_hh": "W_xh @ X_t + W_hh @ H"},
                check="rnn-step-terms",
                message="rnn_step raised RuntimeError",
            ),
            Mutant(
                fault="tanh of each term",
                edits={
                    " + H @ W_hh + ": ") + torch.tanh(H @ W_hh) + torch.tanh("
                },
                check="rnn-step-sum",
                message="this is what you get when tanh is applied to each term",
            ),
            Mutant(
                fault="sigma for tanh",
                edits={"tanh": "sigmoid"},
                check="rnn-step-terms",
                message="sigma is used in place of tanh",
            ),
            Mutant(
                fault="tanh of both products, the bias outside",
                edits={" + H @ W_hh + b_h)": ") + torch.tanh(H @ W_hh) + b_h"},
                check="rnn-step-terms",
                message="tanh is missing for the term b_h, or comes before it",
            ),
            Mutant(
                fault="relu for tanh",
                edits={"tanh": "relu"},
                check="rnn-step-terms",
                message="relu is used in place of tanh for X_t W_xh",
            ),
            Mutant(
                fault="tanh twice",
                edits={"tanh(X_t": "tanh(torch.tanh(X_t", "+ b_h)": "+ b_h))"},
                check="rnn-step-terms",
                message="tanh is applied twice to X_t W_xh",
            ),
            Mutant(
                fault="old state added with the wrong sign",
                edits={" + H": " - H"},
                check="rnn-step-terms",
                message="the term H W_hh is subtracted",
            ),
            Mutant(
                fault="bias subtracted",
                edits={" + b_h": " - b_h"},
                check="rnn-step-terms",
                message="the term b_h is subtracted",
            ),
            Mutant(
                fault="bias added to both products",
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        return torch.tanh((X_t @ W_xh + b_h) + (H @ W_hh + b_h))
                """,
                check="rnn-step-terms",
                message="the term b_h counts twice",
            ),
            Mutant(
                fault="H not used",
                edits={"H @ W_hh + ": ""},
                check="rnn-step-terms",
                message="the term H W_hh is left out",
            ),
            Mutant(
                fault="size of the state hard-coded",
                edits={"+ b_h)": "+ b_h.view(1, 4))"},
                check="rnn-step-sum",
                message="right for the sizes before, but not for",
            ),
            Mutant(
                fault="float32 result tensor",
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        H_t = torch.zeros(H.shape)
                        for i in range(len(H)):
                            H_t[i] = torch.tanh(X_t[i] @ W_xh + H[i] @ W_hh + b_h)
                        return H_t
                """,
                check="rnn-step-terms",
                message=r"; say dtype=X\.dtype",
            ),
            Mutant(
                fault="tanh of the input and of the state separately",
                edits={" + H": ") + torch.tanh(H"},
                check="rnn-step-sum",
                message="each product has a tanh of its own, one with the bias",
            ),
            Mutant(
                fault="keeps the old state: H + tanh(...)",
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        new = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                        return H + new
                """,
                check="rnn-step-terms",
                message="the old state H is added to the new one",
            ),
        ],
        variants=[
            Variant(
                way="as one product",
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        W = torch.cat([W_xh, W_hh])
                        return torch.tanh(torch.cat([X_t, H], 1) @ W + b_h)
                """,
            ),
            Variant(
                way="addmm",
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        return torch.addmm(torch.addmm(b_h, X_t, W_xh), H, W_hh).tanh()
                """,
            ),
        ],
    ),
    Answers(
        exercise="rnn-loop",
        solution="""
            def rnn_loop(X, H, W_xh, W_hh, b_h):
                outputs = []
                for X_t in X:
                    H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                    outputs.append(H)
                return torch.stack(outputs), H
        """,
        mutants=[
            Mutant(
                fault="state not carried",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        outputs = []
                        for X_t in X:
                            S = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)  # <-
                            outputs.append(S)
                        return torch.stack(outputs), S
                """,
                check="rnn-loop-states",
                message="the state is not carried on",
            ),
            Mutant(
                fault="given state ignored",
                edits={" = []": ", H = [], 0 * H"},
                check="rnn-loop-states",
                message="H is replaced by zeros",
            ),
            Mutant(
                fault="only the last state returned",
                edits={"torch.stack(outputs), H": "H"},
                check="rnn-loop-states",
                message="expected 2 results, but got a tensor",
            ),
            Mutant(
                fault="list instead of a tensor",
                edits={"torch.stack(outputs), H": "outputs, H"},
                check="rnn-loop-states",
                message="expected a tensor, but got a list",
            ),
            Mutant(
                fault="states stacked along the batch",
                edits={"), H": ", 1), H"},
                check="rnn-loop-states",
                message=r"expected the shape \(5, 2, 4\)",
            ),
            Mutant(
                fault="sequence length hard-coded",
                edits={"X:": "[X[t] for t in range(5)]:"},
                check="rnn-loop-pieces",
                message="rnn_loop raised IndexError",
            ),
            Mutant(
                fault="results swapped",
                edits={"return torch": "return H, torch", "), H": ")"},
                check="rnn-loop-states",
                message="right, but in the order the second result, the first result",
            ),
            Mutant(
                fault="state kept before its step",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        outputs = []
                        for X_t in X:
                            outputs.append(H)
                            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                        return torch.stack(outputs), H
                """,
                check="rnn-loop-states",
                message="a state is kept before its step, not after it",
            ),
            Mutant(
                fault="the last tensor T times",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        outputs = []
                        for X_t in X:
                            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                        return torch.stack([H for X_t in X]), H
                """,
                check="rnn-loop-states",
                message="the tensor of the last state is kept T times",
            ),
            Mutant(
                fault="first input at every step",
                edits={"X_t in X": "t in range(len(X))", "(X_t ": "(X[0] "},
                check="rnn-loop-states",
                message=r"X\[0\] is read at every step",
            ),
            Mutant(
                fault="read backwards",
                edits={"X:": "X.flip(0):"},
                check="rnn-loop-states",
                message="the sequence is read backwards",
            ),
            Mutant(
                fault="given state returned",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        outputs = []
                        H_t = H
                        for X_t in X:
                            H_t = torch.tanh(X_t @ W_xh + H_t @ W_hh + b_h)
                            outputs.append(H_t)
                        return torch.stack(outputs), H
                """,
                check="rnn-loop-states",
                message="the given state is returned, not the last one",
            ),
            Mutant(
                fault="last step left out",
                edits={"X:": "X[:-1]:"},
                check="rnn-loop-states",
                message=r"the first result: expected the shape \(5, 2, 4\)",
            ),
            Mutant(
                fault="T hard-coded",
                edits={
                    "X_t in X": "t in range(min(5, len(X)))",
                    "(X_t ": "(X[t] ",
                },
                check="rnn-loop-states",
                message="right for the sizes before, but not for",
            ),
            Mutant(
                fault="float32 outputs",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        outputs = torch.zeros(len(X), *H.shape)
                        for t, X_t in enumerate(X):
                            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                            outputs[t] = H
                        return outputs, H
                """,
                check="rnn-loop-states",
                message=r"; say dtype=X\.dtype",
            ),
            Mutant(
                fault="bias left out",
                edits={" + b_h": ""},
                check="rnn-loop-states",
                message="the bias is left out",
            ),
            Mutant(
                fault="H_0 is among the states",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        states = [H]
                        for X_t in X:
                            states.append(torch.tanh(X_t @ W_xh + states[-1] @ W_hh + b_h))
                        return torch.stack(states), states[-1]
                """,
                check="rnn-loop-states",
                message="H_0 is among the states",
            ),
            Mutant(
                fault="stacks along axis 1: (n, T, h)",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        states = []
                        for X_t in X:
                            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                            states.append(H)
                        return torch.stack(states, dim=1), H
                """,
                check="rnn-loop-states",
                message=r"the first result: expected the shape \(5, 2, 4\) \(T, n, h\), but got \(2,",
            ),
            Mutant(
                fault="concatenates rather than stacks: (T*n, h)",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        states = []
                        for X_t in X:
                            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                            states.append(H)
                        return torch.cat(states), H
                """,
                check="rnn-loop-states",
                message=r"the states are joined by torch\.cat, not by torch\.stack",
            ),
            Mutant(
                fault="returns inside the loop, after the first step",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        states = []
                        for X_t in X:
                            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                            states.append(H)
                            return torch.stack(states), H
                """,
                check="rnn-loop-states",
                message="return stands in the loop, which ends after one step",
            ),
            Mutant(
                fault="the last state keeps a time axis: (1, n, h) as nn.RNN does",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        states = []
                        for X_t in X:
                            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                            states.append(H)
                        states = torch.stack(states)
                        return states, states[-1:]
                """,
                check="rnn-loop-states",
                message="the values are right, with an axis of length 1 too many",
            ),
        ],
        variants=[
            Variant(
                way="all input products at once",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        A = X @ W_xh + b_h
                        outputs = torch.empty_like(A)
                        for t in range(len(X)):
                            H = outputs[t] = torch.tanh(A[t] + H @ W_hh)
                        return outputs, H
                """,
            ),
        ],
    ),
    Answers(
        exercise="perplexity",
        solution="""
            def perplexity(O, y):
                log_P = O - torch.logsumexp(O, dim=1, keepdim=True)  # (T, m)
                return torch.exp(-log_P[torch.arange(len(y)), y].mean())
        """,
        mutants=[
            Mutant(
                fault="mean of P",
                code="""
                    def perplexity(O, y):
                        p = torch.softmax(O, 1)[torch.arange(len(y)), y]
                        return 1 / p.mean()  # <-
                """,
                check="perplexity-value",
                message="the mean is over P, not over ln P",
            ),
            Mutant(
                fault="sum for mean",
                code="""
                    def perplexity(O, y):
                        p = torch.softmax(O, 1)[torch.arange(len(y)), y]
                        return torch.exp(-p.log().sum())  # <-
                """,
                check="perplexity-value",
                message="the logarithms are summed, not averaged",
            ),
            Mutant(
                fault="bases 2 and e mixed",
                code="""
                    def perplexity(O, y):
                        p = torch.softmax(O, 1)[torch.arange(len(y)), y]
                        return 4 * (2 ** -p.log().mean()) / (2 ** torch.tensor(4.0).log())  # <-
                """,
                check="perplexity-value",
                message="wrong value",
            ),
            Mutant(
                fault="softmax over time",
                code="""
                    def perplexity(O, y):
                        p = torch.softmax(O, 0)[torch.arange(len(y)), y]  # <-
                        return torch.exp(-p.log().mean())
                """,
                check="perplexity-value",
                message="softmax runs over time",
            ),
            Mutant(
                fault="Python number instead of a tensor",
                code="""
                    def perplexity(O, y):
                        p = torch.softmax(O, 1)[torch.arange(len(y)), y]
                        return torch.exp(-p.log().mean()).item()  # <-
                """,
                check="perplexity-value",
                message="expected a tensor, but got a number",
            ),
            Mutant(
                fault="exp overflows",
                code="""
                    def perplexity(O, y):
                        P = O.exp() / O.exp().sum(1, keepdim=True)  # <-
                        return torch.exp(-P[torch.arange(len(y)), y].log().mean())
                """,
                check="perplexity-stable",
                message="avoid exp",
            ),
            Mutant(
                fault="all rows with all y",
                code="""
                    def perplexity(O, y):
                        return torch.exp(-torch.log_softmax(O, 1)[:, y].mean())
                """,
                check="perplexity-value",
                message="all rows with all y",
            ),
            Mutant(
                fault="one largest logit for all rows",
                code="""
                    def perplexity(O, y):
                        E = torch.exp(O - O.max())  # <-
                        P = E / E.sum(1, keepdim=True)
                        return torch.exp(-P[torch.arange(len(y)), y].log().mean())
                """,
                check="perplexity-stable",
                message="each row needs its own largest logit",
            ),
            Mutant(
                fault="mean of 1 / P",
                code="""
                    def perplexity(O, y):
                        log_P = torch.log_softmax(O, 1)
                        picked = log_P[torch.arange(len(y)), y]
                        return (1 / picked.exp()).mean()
                """,
                check="perplexity-value",
                message="the mean of 1 / P is taken, without logarithms",
            ),
            Mutant(
                fault="T - 1",
                code="""
                    def perplexity(O, y):
                        log_P = torch.log_softmax(O, 1)
                        picked = log_P[torch.arange(len(y)), y]
                        return torch.exp(-picked.sum() / (len(y) - 1))
                """,
                check="perplexity-value",
                message="the mean divides by T - 1",
            ),
            Mutant(
                fault="log2",
                code="""
                    def perplexity(O, y):
                        log_P = torch.log_softmax(O, 1)
                        picked = log_P[torch.arange(len(y)), y]
                        return torch.exp(-(picked / torch.tensor(2.0).double().log()).mean())
                """,
                check="perplexity-value",
                message="the logarithm has the base 2, but exp has e",
            ),
            Mutant(
                fault="log10",
                code="""
                    def perplexity(O, y):
                        P = torch.softmax(O, 1)[torch.arange(len(y)), y]
                        return torch.exp(-torch.log10(P).mean())
                """,
                check="perplexity-value",
                message="the logarithm has the base 10, but exp has e",
            ),
            Mutant(
                fault="argmax for y",
                code="""
                    def perplexity(O, y):
                        return torch.exp(-torch.log_softmax(O, 1).max(1).values.mean())
                """,
                check="perplexity-value",
                message="the most likely character is taken, not y",
            ),
            Mutant(
                fault="softmax, then log",
                code="""
                    def perplexity(O, y):
                        P = torch.softmax(O, 1)
                        return torch.exp(-P[torch.arange(len(y)), y].log().mean())
                """,
                check="perplexity-stable",
                message="take the logarithm before P becomes 0",
            ),
            Mutant(
                fault="mean of a row subtracted",
                code="""
                    def perplexity(O, y):
                        E = torch.exp(O - O.mean(1, keepdim=True))
                        P = E / E.sum(1, keepdim=True)
                        return torch.exp(-P[torch.arange(len(y)), y].log().mean())
                """,
                check="perplexity-stable",
                message="not the mean|the logarithm before",
            ),
            Mutant(
                fault="smallest of a row subtracted",
                code="""
                    def perplexity(O, y):
                        A = O - O.amin(1, keepdim=True)
                        log_P = A - A.exp().sum(1, keepdim=True).log()
                        return torch.exp(-log_P[torch.arange(len(y)), y].mean())
                """,
                check="perplexity-stable",
                message="take out the largest, not the smallest",
            ),
            Mutant(
                fault="log-softmax of probabilities",
                edits={
                    "O - torch.logsumexp(O, dim=1, keepdim=True)  # (T, m": "torch.log_softmax(O.softmax(1), 1"
                },
                check="perplexity-value",
                message="softmax is applied twice",
            ),
            Mutant(
                fault="T hard-coded",
                code="""
                    def perplexity(O, y):
                        log_P = torch.log_softmax(O, 1)
                        picked = log_P[torch.arange(len(y)), y]
                        return torch.exp(-picked.sum() / 6)
                """,
                check="perplexity-value",
                message="right for the sizes before, but not for",
            ),
            Mutant(
                fault="float32 number",
                code="""
                    def perplexity(O, y):
                        log_P = torch.log_softmax(O, 1)
                        picked = log_P[torch.arange(len(y)), y]
                        return torch.tensor(float(torch.exp(-picked.mean())))
                """,
                check="perplexity-value",
                message=r"; say dtype=X\.dtype",
            ),
            Mutant(
                fault="exp of the logits overflows",
                code="""
                    def perplexity(O, y):
                        T = O.shape[0]
                        total = 0
                        for t in range(T):
                            e = torch.exp(O[t])
                            total += torch.log(e[y[t]] / e.sum())
                        return torch.exp(-total / T)
                """,
                check="perplexity-stable",
                message="there is NaN in it, which comes from inf / inf, inf - inf, 0 / 0 or 0",
            ),
            Mutant(
                fault="returns the cross-entropy, exp forgotten",
                code="""
                    def perplexity(O, y):
                        logP = torch.log_softmax(O, dim=-1)
                        return -logP.gather(1, y[:, None]).mean()
                """,
                check="perplexity-value",
                message="exp is missing",
            ),
            Mutant(
                fault="minus forgotten: returns 1/PP",
                code="""
                    def perplexity(O, y):
                        logP = O - torch.logsumexp(O, dim=1, keepdim=True)
                        return torch.exp(logP[range(len(y)), y].mean())
                """,
                check="perplexity-value",
                message="the minus is missing",
            ),
            Mutant(
                fault="stable softmax, then log(p + 1e-8), wrong where the right character is very improbable",
                code="""
                    def perplexity(O, y):
                        P = torch.softmax(O, dim=1)
                        p = P[torch.arange(len(y)), y]
                        return torch.exp(-torch.log(p + 1e-8).mean())
                """,
                check="perplexity-value",
                message="it is nearly right: is a small number added somewhere, or something",
            ),
            Mutant(
                fault="log(softmax) is -inf when the probability underflows",
                code="""
                    def perplexity(O, y):
                        P = torch.softmax(O, dim=1)
                        logs = torch.log(P)
                        return torch.exp(-logs[torch.arange(len(y)), y].mean())
                """,
                check="perplexity-stable",
                message=r"wrong with \+800 on one logit of a row: take the logarithm before P",
            ),
            Mutant(
                fault="P[:, y] picks all combinations (a T x T matrix) and averages",
                edits={
                    "log_P = O - torch.logsumexp(O, dim=1, keepdim=True)  # (T, m": "logP = torch.log_softmax(O, dim=1",
                    "log_P[torch.arange(len(y))": "logP[:",
                },
                check="perplexity-value",
                message=r"log_P\[:, y\] is taken, all rows with all y",
            ),
        ],
        variants=[
            Variant(
                way="cross_entropy",
                code="""
                    def perplexity(O, y):
                        return torch.nn.functional.cross_entropy(O, y).exp()
                """,
            ),
            Variant(
                way="maximum subtracted first",
                code="""
                    def perplexity(O, y):
                        A = O - O.max(1, keepdim=True).values
                        a = A[torch.arange(len(y)), y]
                        return torch.exp((A.exp().sum(1).log() - a).mean())
                """,
            ),
        ],
    ),
    Answers(
        exercise="temperature",
        solution="""
            def sampling_probabilities(O, temperature):
                return torch.softmax(O / temperature, dim=0)
        """,
        mutants=[
            Mutant(
                fault="multiplied instead of divided",
                edits={"/": "*", "dim=": ""},
                check="temperature-value",
                message="the logits are multiplied",
            ),
            Mutant(
                fault="temperature ignored",
                edits={" / temperature, dim=": ", "},
                check="temperature-value",
                message="the temperature is ignored",
            ),
            Mutant(
                fault="probabilities divided",
                edits={"O ": "O, 0) ", ", dim=0)": ""},
                check="temperature-value",
                message="P is divided, not O",
            ),
            Mutant(
                fault="exp overflows",
                edits={
                    "softmax": "exp",
                    ", dim=0)": ") / torch.exp(O / temperature).sum()",
                },
                check="temperature-cold",
                message="does exp overflow",
            ),
            Mutant(
                fault="temperature floored at 0.01",
                edits={
                    "/ temperature": "/ max(temperature",
                    "dim=": "0.01), ",
                },
                check="temperature-cold",
                message="no temperature is too low for the formula",
            ),
            Mutant(
                fault="one-hot below 0.01",
                code="""
                    def sampling_probabilities(O, temperature):
                        if temperature < 0.01:
                            return torch.eye(len(O)).double()[O.argmax()]
                        return torch.softmax(O / temperature, 0)
                """,
                check="temperature-cold",
                message="no temperature is too low for the formula",
            ),
            Mutant(
                fault="power of the probabilities",
                code="""
                    def sampling_probabilities(O, temperature):
                        P = torch.softmax(O, 0) ** (1 / temperature)
                        return P / P.sum()
                """,
                check="temperature-cold",
                message="no temperature is too low for the formula",
            ),
            Mutant(
                fault="multiplied",
                edits={"/": "*", "dim=": ""},
                check="temperature-value",
                message="the logits are multiplied by the temperature",
            ),
            Mutant(
                fault="mean subtracted",
                code="""
                    def sampling_probabilities(O, temperature):
                        E = torch.exp((O - O.mean()) / temperature)
                        return E / E.sum()
                """,
                check="temperature-cold",
                message="nearly all should go to the largest logit",
            ),
            Mutant(
                fault="log_softmax",
                edits={"softmax": "log_softmax", "dim=": ""},
                check="temperature-value",
                message="the logarithms of P are returned",
            ),
            Mutant(
                fault="divided after exp",
                code="""
                    def sampling_probabilities(O, temperature):
                        E = torch.exp(O - O.max()) / temperature
                        return E / E.sum()
                """,
                check="temperature-value",
                message="the temperature is ignored, or cancels",
            ),
            Mutant(
                fault="minus",
                edits={"softmax(O": "softmax(-O", "dim=": ""},
                check="temperature-value",
                message="the sign of the logits is wrong",
            ),
            Mutant(
                fault="exp without subtracting the maximum",
                code="""
                    def sampling_probabilities(O, temperature):
                        e = torch.exp(O / temperature)
                        return e / e.sum()
                """,
                check="temperature-cold",
                message=r"nearly all should go to the largest logit: does exp overflow\? Take",
            ),
            Mutant(
                fault="subtracts the maximum of O after dividing by the temperature",
                code="""
                    def sampling_probabilities(O, temperature):
                        Z = O / temperature
                        Z = Z - O.max()
                        e = torch.exp(Z)
                        return e / e.sum()
                """,
                check="temperature-cold",
                message=r"nearly all should go to the largest logit: does exp overflow\? Take",
            ),
            Mutant(
                fault="clamps O / temperature to at most 700 to avoid overflow",
                code="""
                    def sampling_probabilities(O, temperature):
                        scaled = (O / temperature).clamp(-700, 700)
                        weights = scaled.exp()
                        return weights / weights.sum()
                """,
                check="temperature-cold",
                message="logits are clamped, and become equal",
            ),
        ],
        variants=[
            Variant(
                way="maximum subtracted first",
                code="""
                    def sampling_probabilities(O, temperature):
                        A = torch.exp((O - O.max()) / temperature)
                        return A / A.sum()
                """,
            ),
        ],
    ),
]
