"""Known mistakes in the exercises on deep RNNs, and other right solutions."""

from rnncourse.grading.mutants import Answers, Mutant, Variant

ANSWERS = [
    Answers(
        exercise="deep-parameters",
        solution="""
            def deep_parameters(d, h, L):
                first = d * h + h * h + h
                other = h * h + h * h + h
                return first + (L - 1) * other
        """,
        mutants=[
            Mutant(
                fault="d inputs in every layer",
                code="""
                    def deep_parameters(d, h, L):
                        return L * (d * h + h * h + h)
                """,
                check="deep-parameters-value",
                message="every layer reads d inputs",
            ),
            Mutant(
                fault="h inputs in every layer, as in the notes",
                code="""
                    def deep_parameters(d, h, L):
                        return L * (2 * h * h + h)
                """,
                check="deep-parameters-value",
                message="every layer reads h inputs",
            ),
            Mutant(
                fault="biases forgotten",
                code="""
                    def deep_parameters(d, h, L):
                        return d * h + h * h + (L - 1) * 2 * h * h
                """,
                check="deep-parameters-value",
                message="the biases are left out",
            ),
            Mutant(
                fault="two biases per layer",
                code="""
                    def deep_parameters(d, h, L):
                        return d * h + h * h + (L - 1) * 2 * h * h + 2 * L * h
                """,
                check="deep-parameters-value",
                message="two biases in a layer",
            ),
            Mutant(
                fault="one layer too many",
                code="""
                    def deep_parameters(d, h, L):
                        return d * h + h * h + h + L * (2 * h * h + h)
                """,
                check="deep-parameters-value",
                message="L layers follow the first one",
            ),
            Mutant(
                fault="one bias in all",
                code="""
                    def deep_parameters(d, h, L):
                        return d * h + h * h + (L - 1) * 2 * h * h + h
                """,
                check="deep-parameters-value",
                message="only the first layer has a bias",
            ),
            Mutant(
                fault="float",
                code="""
                    def deep_parameters(d, h, L):
                        return (d * h + h * h + h) + (L - 1) * (4 * h * h + 2 * h) / 2
                """,
                check="deep-parameters-value",
                message="expected a whole number, but got the float",
            ),
            Mutant(
                fault="no first layer",
                code="""
                    def deep_parameters(d, h, L):
                        return L * (2 * h * h + h)
                """,
                check="deep-parameters-value",
                message="every layer reads h inputs",
            ),
            Mutant(
                fault="layers read d + h",
                code="""
                    def deep_parameters(d, h, L):
                        return d * h + h * h + h + (L - 1) * ((d + h) * h + h * h + h)
                """,
                check="deep-parameters-value",
                message="every layer reads the inputs, too",
            ),
            Mutant(
                fault="two biases per layer as in torch.nn.RNN",
                code="""
                    def deep_parameters(d, h, L):
                        rnn = torch.nn.RNN(d, h, L)
                        return sum(p.numel() for p in rnn.parameters())
                """,
                check="deep-parameters-value",
                message="there are two biases in a layer, as in PyTorch",
            ),
            Mutant(
                fault="one bias number for each layer instead of h",
                code="""
                    def deep_parameters(d, h, L):
                        return (d * h + h * h + 1) + (L - 1) * (2 * h * h + 1)
                """,
                check="deep-parameters-value",
                message="a layer has one bias, not h of them",
            ),
            Mutant(
                fault="each layer reads the concatenation of all layers below",
                code="""
                    def deep_parameters(d, h, L):
                        total = 0
                        for l in range(L):
                            inp = d if l == 0 else l * h
                            total += (inp + h + 1) * h
                        return total
                """,
                check="deep-parameters-value",
                message="every layer reads the states of all layers below, one beside the",
            ),
        ],
        variants=[
            Variant(
                way="a loop",
                code="""
                    def deep_parameters(d, h, L):
                        total, inputs = 0, d
                        for _ in range(L):
                            total, inputs = total + (inputs + h + 1) * h, h
                        return total
                """,
            ),
        ],
    ),
    Answers(
        exercise="deep-step",
        solution="""
            def deep_step(X_t, H, layers):
                inputs, states = X_t, []
                for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                    state = torch.tanh(inputs @ W_xh + H_l @ W_hh + b_h)
                    inputs = inputs + state if states else state
                    states.append(state)
                return torch.stack(states)
        """,
        mutants=[
            Mutant(
                fault="the chapter's step",
                edits={"inputs + state if states else state": "state"},
                check="deep-step-value",
                message="a layer reads only the layer below",
            ),
            Mutant(
                fault="first layer read by all others",
                edits={
                    "inputs + state": "states[0]",
                    "else state": "else state",
                },
                check="deep-step-value",
                message="a layer reads only the first layer",
            ),
            Mutant(
                fault="old states of the layers below",
                edits={
                    "inputs + state if states else state": "H[: len(states) + 1].sum(0)"
                },
                check="deep-step-value",
                message="a layer reads old states of the layers below",
            ),
            Mutant(
                fault="mean of the layers below",
                edits={
                    "inputs + state if states else state": "(sum(states) + state) / (len(states) + 1)"
                },
                check="deep-step-value",
                message="a layer reads the mean of the states below",
            ),
            Mutant(
                fault="sums returned",
                edits={"state)": "inputs)"},
                check="deep-step-value",
                message="the sums are returned, not the states",
            ),
            Mutant(
                fault="input in the sum",
                edits={" if states else state": ""},
                check="deep-step-value",
                message="deep_step raised RuntimeError",
            ),
            Mutant(
                fault="layer's own old state ignored",
                edits={
                    "H_l ": "(states[-1] if states else H_l) ",
                    "+ b_h)": "+ b_h)",
                },
                check="deep-step-value",
                message="the states are wrong",
            ),
            Mutant(
                fault="old state of layer 1 in every layer",
                edits={"H_l ": "H[0] ", "+ b_h)": "+ b_h)"},
                check="deep-step-value",
                message="every layer uses the old state of layer 1",
            ),
            Mutant(
                fault="state overwritten in place",
                code="""
                    def deep_step(X_t, H, layers):
                        inputs, states = X_t, []
                        for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                            state = torch.tanh(inputs @ W_xh + H_l @ W_hh + b_h)
                            inputs = inputs + state if states else state
                            H_l.copy_(state)  # <-
                            states.append(state)
                        return torch.stack(states)
                """,
                check="deep-step-value",
                message="deep_step changes its argument H",
            ),
            Mutant(
                fault="sum written into a state",
                edits={
                    "inputs + state": "states[0].add_(state)",
                    "else state": "else state",
                },
                check="deep-step-value",
                message="the sum is written into the state of layer 1, by",
            ),
            Mutant(
                fault="only the last layer returned",
                edits={"torch.stack(states)": "state"},
                check="deep-step-value",
                message=r"expected the shape \(3, 5, 4\) \(L, n, h\), but got \(5, 4\)",
            ),
            Mutant(
                fault="list instead of a tensor",
                edits={"torch.stack(states)": "states"},
                check="deep-step-value",
                message="expected a tensor, but got a list",
            ),
            Mutant(
                fault="number of layers hard-coded",
                edits={
                    "zip(H, layers):": "[(H[l], layers[l]) for l in range(3)]:"
                },
                check="deep-step-one",
                message="deep_step raised IndexError",
            ),
            Mutant(
                fault="tanh forgotten",
                edits={"torch.tanh(": "", "+ b_h)": "+ b_h"},
                check="deep-step-value",
                message="tanh is missing",
            ),
            Mutant(
                fault="biases forgotten",
                edits={" + b_h)": ")"},
                check="deep-step-value",
                message="the biases are left out",
            ),
            Mutant(
                fault="W_hh transposed",
                edits={" + b_h)": ".T + b_h)"},
                check="deep-step-value",
                message="transposed",
            ),
            Mutant(
                fault="the mean below",
                code="""
                    def deep_step(X_t, H, layers):
                        inputs, states = X_t, []
                        for l, (W_xh, W_hh, b_h) in enumerate(layers):
                            states.append(torch.tanh(inputs @ W_xh + H[l] @ W_hh + b_h))
                            inputs = sum(states) / len(states)
                        return torch.stack(states)
                """,
                check="deep-step-value",
                message="a layer reads the mean of the states below",
            ),
            Mutant(
                fault="tanh of the sum",
                code="""
                    def deep_step(X_t, H, layers):
                        inputs, states = X_t, []
                        for l, (W_xh, W_hh, b_h) in enumerate(layers):
                            states.append(torch.tanh(inputs @ W_xh + H[l] @ W_hh + b_h))
                            inputs = torch.tanh(sum(states))
                        return torch.stack(states)
                """,
                check="deep-step-value",
                message="tanh is applied to the sum of the states, too",
            ),
            Mutant(
                fault="relu",
                code="""
                    def deep_step(X_t, H, layers):
                        inputs, states = X_t, []
                        for l, (W_xh, W_hh, b_h) in enumerate(layers):
                            states.append(torch.relu(inputs @ W_xh + H[l] @ W_hh + b_h))
                            inputs = sum(states)
                        return torch.stack(states)
                """,
                check="deep-step-value",
                message="relu is used in place of tanh",
            ),
            Mutant(
                fault="state of the layer below",
                code="""
                    def deep_step(X_t, H, layers):
                        inputs, states = X_t, []
                        for l, (W_xh, W_hh, b_h) in enumerate(layers):
                            states.append(torch.tanh(inputs @ W_xh + H[l - 1] @ W_hh + b_h))
                            inputs = sum(states)
                        return torch.stack(states)
                """,
                check="deep-step-value",
                message="a layer uses the old state of the layer below",
            ),
            Mutant(
                fault="returns the last layer's state only",
                code="""
                    def deep_step(X_t, H, layers):
                        W_xh, W_hh, b_h = layers[0]
                        new = [torch.tanh(X_t @ W_xh + H[0] @ W_hh + b_h)]
                        for l in range(1, len(layers)):
                            W_xh, W_hh, b_h = layers[l]
                            new.append(torch.tanh(sum(new) @ W_xh + H[l] @ W_hh + b_h))
                        return new[-1]
                """,
                check="deep-step-value",
                message="it is only what belongs at 2 along the first axis",
            ),
            Mutant(
                fault="the running sum is the first state's tensor and += changes that state",
                code="""
                    def deep_step(X_t, H, layers):
                        new = []
                        total = None
                        for l, (W_xh, W_hh, b_h) in enumerate(layers):
                            inp = X_t if l == 0 else total
                            h = torch.tanh(inp @ W_xh + H[l] @ W_hh + b_h)
                            new.append(h)
                            if total is None:
                                total = h
                            else:
                                total += h
                        return torch.stack(new)
                """,
                check="deep-step-value",
                message=r"the sum is written into the state of layer 1, by \+=",
            ),
            Mutant(
                fault="each lower state is multiplied by its own layer's next matrix instead of W_xh of this layer",
                code="""
                    def deep_step(X_t, H, layers):
                        new = []
                        for l, (W_xh, W_hh, b_h) in enumerate(layers):
                            if l == 0:
                                z = X_t @ W_xh
                            else:
                                z = sum(new[k] @ layers[k + 1][0] for k in range(l))
                            new.append(torch.tanh(z + H[l] @ W_hh + b_h))
                        return torch.stack(new)
                """,
                check="deep-step-value",
                message="a state below is multiplied by W_xh of the layer above it, not of the",
            ),
        ],
        variants=[
            Variant(
                way="as one product",
                code="""
                    def deep_step(X_t, H, layers):
                        states = []
                        for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                            inputs = torch.stack(states).sum(0) if states else X_t
                            states.append(torch.tanh(torch.cat([inputs, H_l], 1) @ torch.cat([W_xh, W_hh]) + b_h))
                        return torch.stack(states)
                """,
            ),
            Variant(
                way="a product for each layer below",
                code="""
                    def deep_step(X_t, H, layers):
                        states = []
                        for l, (W_xh, W_hh, b_h) in enumerate(layers):
                            A = H[l] @ W_hh + b_h
                            for below in states or [X_t]:
                                A = A + below @ W_xh
                            states.append(A.tanh())
                        return torch.stack(states)
                """,
            ),
        ],
    ),
    Answers(
        exercise="deep-loop",
        solution="""
            def deep_loop(X, H, layers):
                outputs = []
                for X_t in X:
                    inputs, states = X_t, []
                    for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                        states.append(torch.tanh(inputs @ W_xh + H_l @ W_hh + b_h))
                        inputs = sum(states)
                    H = torch.stack(states)
                    outputs.append(H[-1])
                return torch.stack(outputs), H
        """,
        mutants=[
            Mutant(
                fault="the chapter's loop",
                edits={"sum(states)": "states[-1]"},
                check="deep-loop-value",
                message="a layer reads only the layer below",
            ),
            Mutant(
                fault="first layer's states as outputs",
                edits={"-1])": "0])"},
                check="deep-loop-value",
                message="the states of the first layer are returned",
            ),
            Mutant(
                fault="sums as outputs",
                edits={"[-1])": ".sum(0))"},
                check="deep-loop-value",
                message="wrong states",
            ),
            Mutant(
                fault="given state ignored",
                edits={" = []": ", H = [], 0 * H"},
                check="deep-loop-value",
                message="H is replaced by zeros",
            ),
            Mutant(
                fault="state not carried",
                code="""
                    def deep_loop(X, H, layers):
                        outputs = []
                        for X_t in X:
                            inputs, states = X_t, []
                            for H_l, (W_xh, W_hh, b_h) in zip(H, layers):
                                states.append(torch.tanh(inputs @ W_xh + H_l @ W_hh + b_h))
                                inputs = sum(states)
                            S = torch.stack(states)  # <-
                            outputs.append(S[-1])
                        return torch.stack(outputs), S
                """,
                check="deep-loop-value",
                message="the state is not carried from step to step",
            ),
            Mutant(
                fault="only the last layer's state returned",
                edits={"), H": "), H[-1]"},
                check="deep-loop-value",
                message=r"expected the shape \(3, 5, 4\)",
            ),
            Mutant(
                fault="first input at every step",
                edits={"X_t, []": "X[0], []"},
                check="deep-loop-value",
                message=r"X\[0\] is read at every step",
            ),
            Mutant(
                fault="the second result holds the last layer only, (n, h)",
                code="""
                    def deep_loop(X, H, layers):
                        outputs = []
                        for X_t in X:
                            new = []
                            for l, (W_xh, W_hh, b_h) in enumerate(layers):
                                inp = X_t if l == 0 else sum(new)
                                new.append(torch.tanh(inp @ W_xh + H[l] @ W_hh + b_h))
                            H = torch.stack(new)
                            outputs.append(H[-1])
                        return torch.stack(outputs), H[-1]
                """,
                check="deep-loop-value",
                message=r"the last states of all layers: expected the shape \(3, 5, 4\), but got",
            ),
            Mutant(
                fault="H is renewed in place and views of it are collected, so all outputs equal the last",
                code="""
                    def deep_loop(X, H, layers):
                        H = H.clone()
                        outputs = []
                        for X_t in X:
                            inp = X_t
                            for l, (W_xh, W_hh, b_h) in enumerate(layers):
                                H[l] = torch.tanh(inp @ W_xh + H[l] @ W_hh + b_h)
                                inp = H[:l + 1].sum(dim=0)
                            outputs.append(H[-1])
                        return torch.stack(outputs), H
                """,
                check="deep-loop-value",
                message="all entries along the first axis are the same, namely the last one:",
            ),
            Mutant(
                fault="the skip sum uses the step's old states of the layers below",
                code="""
                    def deep_loop(X, H, layers):
                        outputs = []
                        for t in range(len(X)):
                            new = []
                            for l, (W_xh, W_hh, b_h) in enumerate(layers):
                                inp = X[t] if l == 0 else H[:l].sum(0)
                                new.append(torch.tanh(inp @ W_xh + H[l] @ W_hh + b_h))
                            H = torch.stack(new)
                            outputs.append(H[-1])
                        return torch.stack(outputs), H
                """,
                check="deep-loop-value",
                message="a layer reads old states of the layers below",
            ),
        ],
        variants=[
            Variant(
                way="layers in the outer loop",
                code="""
                    def deep_loop(X, H, layers):
                        inputs, total, last = X, 0, []
                        for state, (W_xh, W_hh, b_h) in zip(H, layers):
                            outputs = []
                            for X_t in inputs:
                                state = torch.tanh(X_t @ W_xh + state @ W_hh + b_h)
                                outputs.append(state)
                            inputs = total = total + torch.stack(outputs)
                            last.append(state)
                        return torch.stack(outputs), torch.stack(last)
                """,
            ),
        ],
    ),
    Answers(
        exercise="deep-path",
        solution="""
            def path_length(s, t, L):
                return (t - s) + L
        """,
        mutants=[
            Mutant(
                fault="input arrow forgotten",
                edits={"(t - s) + L": "t - s + L - 1"},
                check="deep-path-value",
                message="the arrow from the input is forgotten",
            ),
            Mutant(
                fault="steps counted, not arrows",
                edits={"(t - s)": "t - s + 1"},
                check="deep-path-value",
                message="steps are counted",
            ),
            Mutant(
                fault="product for sum",
                edits={"+": "*"},
                check="deep-path-value",
                message="steps and layers are multiplied, not added",
            ),
            Mutant(
                fault="s ignored",
                edits={"(t - s)": "t"},
                check="deep-path-value",
                message="s is left out",
            ),
            Mutant(
                fault="swapped",
                edits={"(t - s)": "s - t"},
                check="deep-path-value",
                message="s and t are swapped",
            ),
            Mutant(
                fault="both ends counted",
                edits={"+ L": "+ L + 1"},
                check="deep-path-value",
                message="steps are counted, not arrows between them",
            ),
            Mutant(
                fault="absolute maximum",
                edits={"(t - s) + L": "max(t - s, L)"},
                check="deep-path-value",
                message="the longer of the two directions is taken",
            ),
            Mutant(
                fault="counts the steps in time only",
                edits={"(t - s) + L": "t - s"},
                check="deep-path-value",
                message="the layers are ignored",
            ),
            Mutant(
                fault="counts the paths instead of the arrows of one",
                code="""
                    import math

                    def path_length(s, t, L):
                        return math.comb(t - s + L - 1, L - 1)
                """,
                check="deep-path-value",
                message="the paths are counted, not the arrows of one",
            ),
            Mutant(
                fault="counts L arrows for every step it passes, t - s + 1 columns of L arrows and the arrows between",
                code="""
                    def path_length(s, t, L):
                        n = 0
                        for step in range(s, t + 1):
                            n += L
                        return n + (t - s)
                """,
                check="deep-path-value",
                message="every step goes through all layers, and on to the next step",
            ),
        ],
        variants=[
            Variant(
                way="by recursion",
                code="""
                    def path_length(s, t, L):
                        if s < t:
                            return 1 + path_length(s + 1, t, L)
                        return L
                """,
            ),
        ],
    ),
]
