"""Sphinx extension: networks that live in the page, in plain JavaScript.

The directive writes the figure; its scripts, and what they need to know, are
loaded when the reader comes near.
"""

import html
import json
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from rnncourse.text import Vocabulary, load_corpus

CHARACTERS = 200_000  # of the corpus, which the learning network reads

SLIDER = """<div><label>{label} <input type="range" name="{name}" \
autocomplete="off" min="0" max="{last}" value="{place}" \
data-values="{values}"></label><output>{value}</output></div>"""

SLIDERS = {
    "lr": ("learning rate", [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1], 0.03),
    "theta": ("clipping radius θ", [0.1, 0.3, 1, 3, 10, "none"], 1),
    "tau": ("window τ", [1, 2, 4, 8, 16, 32, 64], 32),
    "h": ("hidden units h", [16, 32, 64, 96, 128], 64),
}

LEARNER = """<figure class="network learner" data-kind="learner" \
data-scripts="corpus cells learner">
<p class="still">With scripts, and on a screen, a network learns here.</p>
<div class="live" hidden>
<div class="controls">
<button type="button" aria-pressed="false">Learn</button>
<button type="button">Start again</button>
<p><b>perplexity <span class="perplexity"></span></b> after \
<span class="count">0</span> updates, <span class="seconds">0</span> s</p>
</div>
<p class="written" aria-label="What the network writes"></p>
<div class="curves">
<div><canvas class="loss" role="img" aria-label="Perplexity of each update \
on what it learns from, from 100 down to 2, on a logarithmic axis"></canvas>\
<p>perplexity, 100 to 2</p></div>
<div><canvas class="norm" role="img" aria-label="Norm of the gradient at each \
update, from 0.01 to 100, on a logarithmic axis"></canvas>\
<p>norm of the gradient, 0.01 to 100; \
<span class="clipped">0</span> of the last 100 clipped</p></div>
</div>
<div class="controls">
{sliders}
</div>
</div>
<p role="status"></p>
</figure>
<script defer src="{static}/network/network.js"></script>"""


def slider(name: str) -> str:
    """Return the slider of a setting."""
    label, values, value = SLIDERS[name]
    return SLIDER.format(
        label=label,
        name=name,
        last=len(values) - 1,
        place=values.index(value),
        values=html.escape(json.dumps(values)),
        value=value,
    )


class Learner(SphinxDirective):
    """``{learner}``: an untrained network, which learns when told to."""

    def run(self) -> list[nodes.Node]:
        """Return the figure."""
        up = "../" * self.env.docname.count("/")
        figure = LEARNER.format(
            sliders="\n".join(map(slider, SLIDERS)),
            static=f"{up}_static",
        )
        return [nodes.raw("", figure, format="html")]


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the text that the network learns from, as a script."""
    if error or app.builder.format != "html":
        return
    text = load_corpus()
    corpus = {
        "characters": Vocabulary(text).characters,
        "text": text[:CHARACTERS],
    }
    script = f"window.corpus = {json.dumps(corpus, ensure_ascii=False)};"
    path = Path(app.outdir) / "_static" / "network" / "corpus.js"
    path.write_text(script, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("learner", Learner)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
