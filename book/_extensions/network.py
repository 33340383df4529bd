"""Sphinx extension: networks that live in the page, in plain JavaScript.

A directive writes a figure; its scripts, and the models in them, are loaded
when the reader comes near. Without scripts, and on paper, a still picture
stands in its place.
"""

import html
import json
import math
from functools import cache
from pathlib import Path

import torch
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from rnncourse.figures.network import network_script, rounded, table_script
from rnncourse.language_model import (
    LanguageModel,
    log_probabilities,
    sample,
)
from rnncourse.markov import NgramModel
from rnncourse.rnn import RNN
from rnncourse.scoreboard import build, load_weights, read_settings
from rnncourse.text import (
    SequentialWindows,
    Split,
    Vocabulary,
    load_corpus,
    split,
)
from rnncourse.training import train

BOOK = Path(__file__).parents[1]
CHARACTERS = 200_000  # of the corpus, which the learning network reads
SAMPLE = 20_000  # of the validation text, on which units are named
ORDER, KEPT = 5, 40_000  # of the table
NAMES = {"table": "5-gram table", "rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
STORED = {"rnn": "best-rnn", "gru": "best-gru"}  # whose weights they are

SLIDER = """<div><label>{label} <input type="range" name="{name}" \
autocomplete="off" min="0" max="{last}" value="{place}" \
data-values="{values}" aria-valuetext="{value}"></label>\
<span aria-hidden="true">{value}</span></div>"""

SLIDERS = {
    "lr": ("learning rate", [0.1, 0.3, 1, 2, 4, 8], 2),
    "theta": ("clipping radius θ", [0.1, 0.25, 0.5, 1, 2, "none"], 0.5),
    "tau": ("window τ", [1, 2, 4, 8, 16, 32, 64], 32),
    "h": ("hidden units h", [16, 32, 64, 96, 128], 64),
}

FIGURE = """<figure class="network {kind}" data-kind="{kind}" \
data-scripts="{scripts}" data-models="{models}">
<div class="still">{still}</div>
<div class="live" hidden>
{live}
</div>
<p role="status"></p>
</figure>
<script defer src="{static}/network/network.js"></script>"""

LEARNER = """<div class="controls">
<button type="button" data-running="false">Learn</button>
<button type="button">Start again</button>
<p><b>perplexity <span class="perplexity">not measured</span></b> after \
<span class="count">0</span> updates, <span class="seconds">0</span> s</p>
</div>
<div class="written" role="group" aria-label="What the network writes"></div>
<div class="curves">
<div><canvas class="loss" role="img" aria-label="Perplexity of each update \
on what it learns from, from 100 down to 2, on a logarithmic axis"></canvas>\
<p>perplexity</p></div>
<div><canvas class="norm" role="img" aria-label="Norm of the gradient at each \
update, from 0.01 to 100, on a logarithmic axis"></canvas>\
<p>norm of the gradient; \
<span class="clipped">0</span> of the last 100 clipped</p></div>
</div>
<div class="controls">
{sliders}
</div>"""

READER = """<fieldset class="controls"{alone}><legend>Model</legend>{radios}\
</fieldset>
<div class="paper"><div class="tint" aria-hidden="true"></div>\
<textarea aria-label="Text that the model reads: change it" rows="3" \
maxlength="2000" autocomplete="off" autocapitalize="off" spellcheck="false">\
{text}</textarea></div>
<div class="controls">
<button type="button" class="write" data-running="false">Write on</button>
<div><label>temperature <input type="range" name="temperature" \
autocomplete="off" min="0.1" max="2" step="0.1" value="0.7"></label>\
<span class="heat" aria-hidden="true">0.7</span></div>
<button type="button" class="change" aria-expanded="false">Change one letter\
</button>
</div>
<div class="changed" hidden>
<div class="controls"><p class="change-what"></p>
<label>another letter <input name="letter" maxlength="1" size="2" \
autocomplete="off"></label></div>
<canvas class="distance" role="img" aria-label="Distance of the two states, \
character by character, on a logarithmic axis from 0.001 to 2"></canvas>
<p class="apart"></p>
</div>
<div class="controls">
<p><b class="perplexity"></b> <span class="bits"></span></p>
<label>tint by <select name="paint" autocomplete="off"></select></label>
<p class="legend"></p>
</div>
<div class="views">
<div><div class="state"><p>The hidden state, after the character before the \
caret: a cell for each unit. Choose one: <span class="unit"></span></p>
<div class="cells" tabindex="0" role="slider" aria-label="unit" \
aria-valuemin="1" aria-valuenow="1"><canvas></canvas></div>
<p class="named"></p></div>
<p class="stateless"></p></div>
<div><p>What the model expects next</p><ol class="next"></ol></div>
</div>"""

RADIO = """<label><input type="radio" name="model-{number}" value="{name}" \
autocomplete="off"{checked}> {title}</label>"""


@cache
def texts() -> tuple[Vocabulary, Split]:
    """Return the vocabulary of the corpus, and its parts."""
    text = load_corpus()
    vocabulary = Vocabulary(text)
    return vocabulary, split(vocabulary.encode(text))


@cache
def network(name: str) -> LanguageModel:
    """Return a stored network."""
    settings = read_settings(BOOK / "scoreboard.toml")[STORED[name]]
    model = build(settings, len(texts()[0]), seed=0)
    weights = BOOK / "weights" / f"{STORED[name]}.safetensors"
    return rounded(load_weights(model, weights))


@cache
def table() -> NgramModel:
    """Return the table."""
    vocabulary, parts = texts()
    x = torch.cat([parts.train, parts.validation])
    return NgramModel(ORDER, len(vocabulary)).fit(x).prune(KEPT)


def figure(directive: SphinxDirective, **parts: str) -> list[nodes.Node]:
    """Return the figure of a directive."""
    static = "../" * directive.env.docname.count("/") + "_static"
    page = FIGURE.format(static=static, **parts)
    return [nodes.raw("", page, format="html")]


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


@cache
def samples() -> dict[int, str]:
    """Return what a network of 64 units writes after so many updates."""
    vocabulary, parts = texts()
    written = {}
    for count in (0, 100, 1000):
        torch.manual_seed(0)
        model = LanguageModel(RNN(len(vocabulary), 64))
        if count:
            x = parts.train[: 16 * 32 * count + 16]
            windows = SequentialWindows(x, n=16, T=32)
            train(model, windows, epochs=1, lr=0.02, progress=False)
        text = sample(model, vocabulary, "\n\n", 160, temperature=0.7)
        written[count] = " ".join(text.split())
    return written


class Learner(SphinxDirective):
    """``{learner}``: an untrained network, which learns when told to."""

    def run(self) -> list[nodes.Node]:
        """Return the figure."""
        return figure(
            self,
            kind="learner",
            scripts="data/corpus cells learner",
            models="",
            still="\n".join(
                f"<p>after {count:,} updates: {html.escape(text)}</p>"
                for count, text in samples().items()
            ),
            live=LEARNER.format(sliders="\n".join(map(slider, SLIDERS))),
        )


def tinted(text: str, model: LanguageModel | NgramModel) -> str:
    """Return the text with each character tinted by the model's surprise."""
    x = texts()[0].encode("\n\n" + text)
    if isinstance(model, NgramModel):
        ln_p = model.log_probabilities(x)
    else:
        ln_p = log_probabilities(model, x).numpy()
    tint = [min(-p / math.log(2) / 8, 1) * 0.65 for p in ln_p.tolist()[1:]]
    return "".join(
        f'<span style="background:rgb(222 119 4 / {a:.2f})">{html.escape(c)}'
        "</span>"
        for a, c in zip(tint, text, strict=True)
    )


class Reader(SphinxDirective):
    """``{reader} MODEL ...``: trained models to type to.

    The content is the text that they read at first.
    """

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the figure."""
        models = self.arguments[0].split()
        if unknown := set(models) - NAMES.keys():
            raise self.error(f"reader: no model {', '.join(sorted(unknown))}")
        text = " ".join(self.content)
        number = self.env.new_serialno("reader")
        radios = [
            RADIO.format(
                number=number,
                name=name,
                title=NAMES[name],
                checked=" checked" if name == models[0] else "",
            )
            for name in models
        ]
        titles = {name: NAMES[name] for name in models}
        first = models[0]
        model = table() if first == "table" else network(first)
        return figure(
            self,
            kind="reader",
            scripts=f"cells models reading views data/{first} reader",
            models=html.escape(json.dumps(titles)),
            still=f"<p>{tinted(text, model)}</p>\n<p>The stronger the tint,"
            f" the more a character surprised the {NAMES[first]}. With"
            " scripts, and on a screen, you can type here.</p>",
            live=READER.format(
                alone="" if len(models) > 1 else " hidden",
                radios="\n".join(radios),
                text=html.escape(text),
            ),
        )


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the scripts of the text and of the models."""
    if error or app.builder.format != "html":
        return
    vocabulary, parts = texts()
    corpus = {
        "characters": vocabulary.characters,
        "text": vocabulary.decode(parts.train[:CHARACTERS]),
    }
    scripts = {
        "corpus": f"window.corpus = {json.dumps(corpus, ensure_ascii=False)};",
        "table": table_script("table", table(), vocabulary),
    }
    for name in STORED:
        x = parts.validation[:SAMPLE]
        scripts[name] = network_script(name, network(name), vocabulary, x)
    folder = Path(app.outdir) / "_static" / "network" / "data"
    folder.mkdir(exist_ok=True)
    for name, script in scripts.items():
        (folder / f"{name}.js").write_text(script, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    app.add_directive("learner", Learner)
    app.add_directive("reader", Reader)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
