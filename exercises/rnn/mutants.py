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
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        return torch.tanh(X_t @ W_xh + H @ W_hh)
                """,
                check="rnn-step-terms",
                message="the term b_h is left out",
            ),
            Mutant(
                fault="W_hh transposed",
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        return torch.tanh(X_t @ W_xh + H @ W_hh.T + b_h)
                """,
                check="rnn-step-terms",
                message="W_hh is transposed",
            ),
            Mutant(
                fault="tanh forgotten",
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        return X_t @ W_xh + H @ W_hh + b_h
                """,
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
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                """,
                check="rnn-step-terms",
                message=r"got nothing \(is there a return\?\)",
            ),
            Mutant(
                fault="only the first row returned",
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)[:1]
                """,
                check="rnn-step-terms",
                message=r"expected the shape \(5, 4\) \(n, h\), but got \(1, 4\)",
            ),
            Mutant(
                fault="cast to float32",
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        return torch.tanh(X_t @ W_xh + H @ W_hh + b_h).float()
                """,
                check="rnn-step-terms",
                message="expected the inputs' dtype torch.float64, but got torch.float32",
            ),
            Mutant(
                fault="weights on the left",
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        return torch.tanh(W_xh @ X_t + W_hh @ H + b_h)
                """,
                check="rnn-step-terms",
                message="rnn_step raised RuntimeError",
            ),
            Mutant(
                fault="tanh of each term",
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        return torch.tanh(X_t @ W_xh) + torch.tanh(H @ W_hh) + torch.tanh(b_h)
                """,
                check="rnn-step-sum",
                message="this is what you get when tanh is applied to each term",
            ),
            Mutant(
                fault="sigma for tanh",
                code="""
                    def rnn_step(X_t, H, W_xh, W_hh, b_h):
                        return torch.sigmoid(X_t @ W_xh + H @ W_hh + b_h)
                """,
                check="rnn-step-terms",
                message="sigma is used in place of tanh",
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
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        outputs, H = [], 0 * H  # <-
                        for X_t in X:
                            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                            outputs.append(H)
                        return torch.stack(outputs), H
                """,
                check="rnn-loop-states",
                message="H is replaced by zeros",
            ),
            Mutant(
                fault="only the last state returned",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        outputs = []
                        for X_t in X:
                            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                            outputs.append(H)
                        return H  # <-
                """,
                check="rnn-loop-states",
                message="expected 2 results, but got a tensor",
            ),
            Mutant(
                fault="list instead of a tensor",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        outputs = []
                        for X_t in X:
                            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                            outputs.append(H)
                        return outputs, H  # <-
                """,
                check="rnn-loop-states",
                message="expected a tensor, but got a list",
            ),
            Mutant(
                fault="states stacked along the batch",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        outputs = []
                        for X_t in X:
                            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                            outputs.append(H)
                        return torch.stack(outputs, 1), H  # <-
                """,
                check="rnn-loop-states",
                message=r"expected the shape \(5, 2, 4\)",
            ),
            Mutant(
                fault="sequence length hard-coded",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        outputs = []
                        for X_t in [X[t] for t in range(5)]:  # <-
                            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                            outputs.append(H)
                        return torch.stack(outputs), H
                """,
                check="rnn-loop-pieces",
                message="rnn_loop raised IndexError",
            ),
            Mutant(
                fault="results swapped",
                code="""
                    def rnn_loop(X, H, W_xh, W_hh, b_h):
                        outputs = []
                        for X_t in X:
                            H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
                            outputs.append(H)
                        return H, torch.stack(outputs)  # <-
                """,
                check="rnn-loop-states",
                message="right, but in the order the second result, the first result",
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
                code="""
                    def sampling_probabilities(O, temperature):
                        return torch.softmax(O * temperature, 0)
                """,
                check="temperature-value",
                message="the logits are multiplied",
            ),
            Mutant(
                fault="temperature ignored",
                code="""
                    def sampling_probabilities(O, temperature):
                        return torch.softmax(O, 0)
                """,
                check="temperature-value",
                message="the temperature is ignored",
            ),
            Mutant(
                fault="probabilities divided",
                code="""
                    def sampling_probabilities(O, temperature):
                        return torch.softmax(O, 0) / temperature
                """,
                check="temperature-value",
                message="P is divided, not O",
            ),
            Mutant(
                fault="exp overflows",
                code="""
                    def sampling_probabilities(O, temperature):
                        return torch.exp(O / temperature) / torch.exp(O / temperature).sum()
                """,
                check="temperature-cold",
                message="does exp overflow",
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
