"""Sphinx extension: figures that compute in the page, in plain JavaScript.

``{phase}``, ``{memory}``, ``{descent}`` and ``{temperature}`` each write one
figure; the content of the directive is its caption. Its scripts are loaded
when the reader comes near. Without scripts, and on paper, a still picture
stands in its place.
"""

import html
import json
from collections.abc import Sequence

import torch
from docutils import nodes
from network import network, texts
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from rnncourse.figures import computed
from rnncourse.figures.picture import figcaption

FIGURE = """<figure class="computed {kind}" data-kind="{kind}" \
data-scripts="{scripts}" data-given="{given}">
<div class="still">{still}</div>
<div class="live" hidden>
<div class="drawing" role="img" aria-label="A figure that computes, still \
empty"></div>
<p class="numbers"></p>
{controls}
</div>
<p role="status"></p>
{caption}
</figure>
<script defer src="{static}/network/network.js"></script>"""

SLIDER = """<div class="parameter"><label><span>{label}</span> \
<span class="track"><input type="range" name="{name}" autocomplete="off" \
{range}><span class="ticks" aria-hidden="true"><i>{least}</i><i>{most}</i>\
</span></span></label><output aria-hidden="true">{value}</output></div>"""

BUTTON = """<button type="button" data-values="{values}">{name}</button>"""


RADIO = """<label><input type="radio" name="{name}" value="{value}" \
autocomplete="off"{checked}> {text}</label>"""


def radios(name: str, legend: str, texts: Sequence[str], chosen: int) -> str:
    """Return radio buttons, whose values are the places of the texts."""
    buttons = [
        RADIO.format(
            name=name,
            value=k,
            text=text,
            checked=" checked" * (k == chosen),
        )
        for k, text in enumerate(texts)
    ]
    inner = f"<legend>{legend}</legend>" + "".join(buttons)
    return f"<fieldset>{inner}</fieldset>"


def slider(
    name: str, label: str, least: float, most: float, step: float, value: float
) -> str:
    """Return a slider for numbers at equal distances."""
    numbers = (
        f'min="{least:g}" max="{most:g}" step="{step:g}" value="{value:g}"'
    )
    ends = {"least": f"{least:g}", "most": f"{most:g}"}
    return SLIDER.format(
        name=name,
        label=label,
        range=numbers,
        value=value,
        **{end: number.replace("-", "−") for end, number in ends.items()},
    )


def choice(
    name: str, label: str, values: Sequence[float], value: float
) -> str:
    """Return a slider for ``values``."""
    listed = html.escape(json.dumps(values))
    place = f'value="{values.index(value)}" data-values="{listed}"'
    return SLIDER.format(
        name=name,
        label=label,
        range=f'min="0" max="{len(values) - 1}" step="1" {place}',
        value=value,
        least=f"{values[0]:g}",
        most=f"{values[-1]:g}",
    )


def buttons(choices: dict[str, dict[str, float]]) -> str:
    """Return buttons, each of which sets several sliders."""
    return "\n".join(
        BUTTON.format(name=name, values=html.escape(json.dumps(values)))
        for name, values in choices.items()
    )


def controls(*parts: str, kind: str = "") -> str:
    """Return a row of controls."""
    name = f"controls {kind}".strip()
    return f'<div class="{name}">\n' + "\n".join(parts) + "\n</div>"


class Computed(SphinxDirective):
    """A figure that computes; its caption is the directive's content."""

    has_content = True
    kind = ""
    needed: tuple[str, ...] = ()  # scripts beside those of all figures

    def given(self) -> dict[str, object]:
        """Return what the script is given."""
        return {}

    def parts(self) -> tuple[str, str]:
        """Return the still picture and the controls."""
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        """Return the figure."""
        still, below = self.parts()
        page = FIGURE.format(
            kind=self.kind,
            scripts=" ".join(
                [
                    *self.needed,
                    "../computed/computed",
                    f"../computed/{self.kind}",
                ]
            ),
            given=html.escape(json.dumps(self.given(), ensure_ascii=False)),
            still=still,
            controls=below,
            caption=figcaption(" ".join(self.content)),
            static="../" * self.env.docname.count("/") + "_static",
        )
        return [nodes.raw("", page, format="html")]


WEIGHTS = {
    "one resting state": {"a": 0.6, "b": 0.5, "c": -0.5, "d": 0.6},
    "two resting states": {"a": 1.3, "b": 0.3, "c": 0.2, "d": 0.5},
    "a cycle": {"a": 1, "b": 0.6, "c": -0.6, "d": 1},
}


class Phase(Computed):
    """``{phase}``: a network of two units in the plane of its states."""

    kind = "phase"

    def parts(self) -> tuple[str, str]:
        """Return the still picture and the controls."""
        start = WEIGHTS["two resting states"]
        entries = [
            slider(
                name, f"<i>w</i><sub>{k}</sub>", -1.5, 1.5, 0.05, start[name]
            )
            for name, k in (("a", 11), ("b", 12), ("c", 21), ("d", 22))
        ]
        places = [
            slider("x", "start 1", -1, 1, 0.01, 0.3),
            slider("y", "start 2", -1, 1, 0.01, -0.8),
        ]
        return (
            computed.phase(start)._repr_html_(),
            controls(buttons(WEIGHTS), kind="presets")
            + controls(*entries, *places, kind="pairs triple matrix"),
        )


class Memory(Computed):
    """``{memory}``: the four steps of an LSTM, and its gates to drag."""

    kind = "memory"

    def given(self) -> dict[str, object]:
        """Return the candidates, one for each step."""
        return {"g": computed.CANDIDATES}

    def parts(self) -> tuple[str, str]:
        """Return the still picture and the controls."""
        steps = ("1 gates", "2 candidate", "3 memory", "4 hidden state")
        gates = [
            slider(name, f"<i>{name}</i>", 0, 1, 0.01, value)
            for name, value in computed.GATES.items()
        ]
        last = len(computed.CANDIDATES)
        return (
            computed.memory()._repr_html_(),
            controls(radios("built", "built up to step", steps, 3))
            + controls(
                radios("where", "set", ("all steps", "step <i>t</i>"), 0),
                slider("t", "step <i>t</i>", 1, last, 1, 3),
                kind="pairs",
            )
            + controls(*gates, kind="pairs triple"),
        )


PREFIX = "and p"
TAUS = [float(f"{10 ** (k / 20):.2g}") for k in range(-20, 21)]


class Temperature(Computed):
    """``{temperature}``: one prediction of the trained network."""

    kind = "temperature"
    needed = ("cells",)

    def given(self) -> dict[str, object]:
        """Return the characters, the likeliest first, and their logits."""
        x = texts()[0].encode("\n\n" + PREFIX)
        with torch.no_grad():
            O, _ = network("rnn").eval()(x[:, None])
        O_t, order = O[-1, 0].sort(descending=True)
        return {
            "characters": texts()[0].decode(order),
            "O_t": [round(logit, 3) for logit in O_t.tolist()],
            "taus": TAUS,
        }

    def parts(self) -> tuple[str, str]:
        """Return the still picture and the controls."""
        return (
            computed.temperature(**self.given())._repr_html_(),
            controls(
                choice("tau", "temperature <i>τ</i><sub>s</sub>", TAUS, 1.0),
                '<button type="button">Draw again</button>',
            ),
        )


THETAS = [float(f"{10 ** (k / 8):.2g}") for k in range(-12, 17)]
ETAS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]


class Descent(Computed):
    """``{descent}``: gradient descent at the cliff, clipped and not."""

    kind = "descent"

    def given(self) -> dict[str, object]:
        """Return the radii among which the handle chooses."""
        return {"thetas": THETAS}

    def parts(self) -> tuple[str, str]:
        """Return the still picture and the controls."""
        return (
            computed.descent(1, 0.1, 5, -2.3)._repr_html_(),
            controls(
                slider("w", "start <i>w</i>", 3.6, 5.6, 0.01, 5),
                slider("b", "start <i>b</i>", -2.9, -1.3, 0.01, -2.3),
                choice("theta", "radius <i>θ</i>", THETAS, 1.0),
                choice("eta", "rate <i>η</i>", ETAS, 0.1),
                kind="pairs",
            ),
        )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    for directive in (Phase, Memory, Temperature, Descent):
        app.add_directive(directive.kind, directive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
