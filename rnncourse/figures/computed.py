"""Still pictures of the figures that compute in the page, for paper and for where there are no scripts."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.patches import Circle, Rectangle

from rnncourse.bptt import rnn_forward, state_gradients
from rnncourse.clipping import clip_gradients, gradient_step
from rnncourse.figures.picture import COLOURS, INK, Picture, picture, style
from rnncourse.figures.picture import figure as new_figure
from rnncourse.gated import lstm_step
from rnncourse.rnn import RNN

T = 30  # steps of the network of two units
START = (0.8, 0.6)  # its gradient at the last step

CANDIDATES = [tenths / 10 for tenths in (1, -2, 9, 1, -3, 2, 6, 3, -1, 2, -8, 1, 2, -4, 1, 3, -2, -6, 5, -1)]
GATES = {"f": 0.9, "i": 0.5, "o": 0.6}  # of the memory, the same at all steps


def two_units(W_hh: torch.Tensor, H_0: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the states (T + 1, n, 2) that follow ``H_0`` without inputs, and the gradient's norm (T + 1, n) by lag."""
    X, zeros = H_0.new_zeros(T, len(H_0), 2), H_0.new_zeros(2)
    H = rnn_forward(X, H_0, torch.eye(2, dtype=H_0.dtype), W_hh, zeros)
    start = H_0.new_tensor(START).expand_as(H_0)
    dH = state_gradients(0 * X, start, H, W_hh)
    return H, dH.norm(dim=-1).flip(0)


def phase(weights: Mapping[str, float]) -> Picture:
    """Draw the network of two units: the plane of its states, its eigenvalues, and the norm of its gradient.

    Args:
        weights: the entries of W_hh, row by row, with the names a to d.
    """
    W_hh = torch.tensor([weights[name] for name in "abcd"], dtype=torch.float64).view(2, 2)
    grid = torch.linspace(-0.9, 0.9, 4, dtype=torch.float64)
    H, _ = two_units(W_hh, torch.cartesian_prod(grid, grid))
    h, after = two_units(W_hh, torch.tensor([[0.3, -0.8]], dtype=torch.float64))
    rho = torch.linalg.eigvals(W_hh).abs().max().item()
    with style():
        fig, (plane, circle, ax) = new_figure(4.9, 2.4, ncols=3, width_ratios=[1.5, 1, 1.2])
        fig.subplots_adjust(left=0.01, right=0.99, bottom=0.2, top=0.85, wspace=0.45)
        plane.add_patch(Rectangle((-1, -1), 2, 2, fill=False, edgecolor=COLOURS["other"]))
        for path in H[:12].unbind(1):
            plane.plot(*path.T, "-", color=COLOURS["state"], linewidth=0.7, alpha=0.6)
        plane.plot(*h[:12, 0].T, ".-", color=COLOURS["state"])
        for row in W_hh:
            plane.plot([0, row[0]], [0, row[1]], "-", color=COLOURS["other"])
            plane.plot(*row, "o", color=COLOURS["other"])
        circle.add_patch(Circle((0, 0), 1, fill=False, edgecolor=INK))
        values = torch.linalg.eigvals(W_hh)
        circle.plot(values.real, values.imag, "o", color=COLOURS["state"])
        for axes, most, title in ((plane, 1.6, "states"), (circle, 2, "eigenvalues")):
            axes.set(xlim=(-most, most), ylim=(-most, most), aspect="equal", xticks=[], yticks=[])
            axes.set_title(title, fontsize=11)
            axes.spines[:].set_visible(False)
        ax.plot(after[:, 0], "-", color=COLOURS["gradient"])
        ax.plot(rho ** np.arange(T + 1), ":", color=INK)
        ax.set(yscale="log", ylim=(1e-6, 1e3), xlabel="lag", xticks=[0, 15, 30], yticks=[1e-6, 1, 1e3])
        ax.set_yticklabels(["1e-6", "1", "1000"])
        ax.set_title("gradient", fontsize=11)
        ax.minorticks_off()
        return picture(
            fig,
            "Left, the states of a network with two units and no input from many starts: all end in one of two resting "
            f"states. Middle, its eigenvalues; the larger one, {rho:.2f}, is outside the unit circle. Right, the norm "
            f"of the gradient against the lag: after {T} steps it is 10 to the power "
            f"{math.log10(after[-1, 0].item()):.0f}.",
        )


def remembered(f: torch.Tensor, i: torch.Tensor, o: torch.Tensor, g: torch.Tensor) -> tuple[list[float], list[float]]:
    """Return the memories and the hidden states of one unit whose gates and candidates are given, step by step."""
    # With these weights, the inputs are what the gates' sigma and the candidate's tanh are applied to.
    A = torch.stack([i.logit(), f.logit(), g.atanh(), o.logit()], dim=1)
    weights = torch.eye(4, dtype=A.dtype), A.new_zeros(1, 4), A.new_zeros(4)
    H = C = A.new_zeros(1, 1)
    memories, shown = [], []
    for A_t in A:
        H, C = lstm_step(A_t[None], H, C, *weights)
        memories.append(C.item())
        shown.append(H.item())
    return memories, shown


def memory() -> Picture:
    """Draw the gates, the candidates, the memory and the hidden state of one unit over 20 steps."""
    g = torch.tensor(CANDIDATES, dtype=torch.float64)
    f, i, o = (torch.full_like(g, value) for value in GATES.values())
    C, H = remembered(f, i, o, g)
    rows = [
        (f, "f", "gate"),
        (i, "i", "gate"),
        (o, "o", "gate"),
        (g, "g", "other"),
        (C, "C", "state"),
        (H, "H", "state"),
    ]
    steps = np.arange(1, len(g) + 1)
    with style():
        fig, axes = new_figure(4.6, 3.4, nrows=6, sharex=True)
        fig.subplots_adjust(left=0.1, right=0.98, bottom=0.1, top=0.98, hspace=0.35)
        for ax, (values, name, role) in zip(axes, rows, strict=True):
            ax.bar(steps, np.asarray(values), 0.8, color=COLOURS[role])
            ax.set(ylim=(0, 1) if role == "gate" else (-1.8, 1.8) if name == "C" else (-1, 1), yticks=[])
            ax.set_ylabel(name, rotation=0, va="center", labelpad=10)
            ax.spines[["left", "bottom"]].set_visible(False)
            ax.axhline(0, color=INK, linewidth=0.8)
            ax.tick_params(axis="x", length=0)
        axes[-1].set_xticks([1, 5, 10, 15, 20])
        return picture(
            fig,
            "Bars over 20 steps: the gates f = 0.9, i = 0.5 and o = 0.6, the candidates, the memory C, which grows to "
            f"{max(C):.2f} and falls again, and the hidden state H, which stays below {max(H):.2f}.",
        )


def temperature(characters: str, O_t: Sequence[float], taus: Sequence[float]) -> Picture:
    """Draw one prediction at three temperatures, and its entropy against the temperature.

    Args:
        characters: the likeliest first.
        O_t: their logits.
        taus: temperatures of the curve.
    """
    O = torch.tensor(O_t, dtype=torch.float64)
    with style():
        fig, (ax, curve) = new_figure(4.9, 2.2, ncols=2, width_ratios=[1.4, 1])
        fig.subplots_adjust(left=0.08, right=0.98, bottom=0.22, top=0.95, wspace=0.35)
        seen = 8
        for k, (tau, alpha) in enumerate(((0.3, 1), (1, 0.65), (3, 0.35))):
            P = (O / tau).softmax(0)[:seen].numpy()
            ax.bar(np.arange(seen) + 0.27 * (k - 1), P, 0.25, color=COLOURS["output"], alpha=alpha, label=f"{tau:g}")
        ax.set_xticks(range(seen), list(characters[:seen].replace(" ", "␣")))
        ax.set(ylabel="probability", yticks=[0, 0.5, 1], ylim=(0, 1))
        ax.legend(title="temperature", fontsize=11, title_fontsize=11)
        bits = [(-P * P.log2()).nansum().item() for P in ((O / tau).softmax(0) for tau in taus)]
        curve.plot(taus, bits, "-", color=COLOURS["output"])
        curve.axhline(math.log2(len(O)), color=INK, linestyle=":")
        curve.set(
            xscale="log", xlabel="temperature", ylabel="entropy in bits", xticks=[0.1, 1, 10], yticks=[0, 2, 4, 6]
        )
        curve.set_xticklabels(["0.1", "1", "10"])
        curve.minorticks_off()
        likeliest = [(O / tau).softmax(0)[0].item() for tau in (0.3, 1, 3)]
        return picture(
            fig,
            f"Left, the probabilities of the {seen} likeliest next characters at the temperatures 0.3, 1 and 3: that "
            f"of {characters[0]} is {likeliest[0]:.2f}, {likeliest[1]:.2f} and {likeliest[2]:.2f}. Right, the entropy "
            f"against the temperature: it rises from {bits[0]:.2f} bits to {bits[-1]:.2f}.",
        )


def cliff(w: float, b: float) -> tuple[RNN, torch.Tensor]:
    """Return the network of one unit with these parameters, and its loss after 50 steps from 0.5 on."""
    rnn = RNN(1, 1, phi="sigmoid").double()
    with torch.no_grad():
        rnn.W_hh.fill_(w)
        rnn.b_h.fill_(b)
    _, H = rnn(torch.zeros(50, 1, 1, dtype=torch.float64), torch.full((1, 1), 0.5, dtype=torch.float64))
    return rnn, (H - 0.7).square().sum()


def descend(theta: float, eta: float, w: float, b: float, steps: int = 200) -> np.ndarray:
    """Return the places, losses and norms (steps, 4) of a descent on the cliff with the gradient clipped to theta."""
    path = []
    for _ in range(steps):
        rnn, loss = cliff(w, b)
        loss.backward()
        moving = [rnn.W_hh, rnn.b_h]
        path.append((w, b, loss.item(), clip_gradients(moving, theta)))
        gradient_step(moving, eta)
        w, b = rnn.W_hh.item(), rnn.b_h.item()
    return np.array(path)


def descent(theta: float, eta: float, w: float, b: float) -> Picture:
    """Draw both descents on the cliff, clipped and not, and the loss along them."""
    clipped, free = descend(theta, eta, w, b), descend(math.inf, eta, w, b)
    W, B = np.meshgrid(np.linspace(3.6, 5.6, 81), np.linspace(-2.9, -1.3, 161))
    h_t = np.full_like(W, 0.5)
    for _ in range(50):
        h_t = 1 / (1 + np.exp(-(W * h_t + B)))
    with style():
        fig, (ax, losses) = new_figure(4.9, 2.5, ncols=2, width_ratios=[1.3, 1])
        fig.subplots_adjust(left=0.12, right=0.98, bottom=0.2, top=0.86, wspace=0.45)
        levels = [0.003, 0.02, 0.06, 0.15, 0.3, 0.45]
        ax.contour(W, B, (h_t - 0.7) ** 2, levels, colors=COLOURS["other"], linewidths=0.8)
        looks = ((clipped, "clipped", "output", "-", "o"), (free, "not clipped", "gradient", "--", "X"))
        for path, name, role, line, mark in looks:
            look = {"color": COLOURS[role], "linestyle": line, "linewidth": 1.5}
            ax.plot(path[:, 0], path[:, 1], **look)
            ax.plot(*path[-1, :2], mark, color=COLOURS[role])
            losses.plot(path[:, 2], label=name, **look)
        ax.plot(w, b, "s", color=COLOURS["state"])
        ax.set(
            xlim=(3.6, 5.6), ylim=(-2.9, -1.3), xlabel="weight w", ylabel="bias b", xticks=[4, 5], yticks=[-2.5, -1.5]
        )
        losses.set(
            yscale="log", xlabel="step", ylabel="loss", ylim=(1e-6, 1), xticks=[0, 100, 200], yticks=[1e-4, 0.01, 1]
        )
        losses.set_yticklabels(["1e-4", "0.01", "1"])
        losses.minorticks_off()
        fig.legend(loc="upper right", ncols=2, fontsize=11)
        return picture(
            fig,
            "Left, two descents on a map of the loss, which has a wall from the upper left to the lower right. Both "
            "begin at the square. The one with clipping moves along the wall into the valley, the other is thrown off "
            f"the map. Right, the loss along both: with clipping it ends at {clipped[-1, 2]:.4f}, without at "
            f"{free[-1, 2]:.2f}.",
        )
