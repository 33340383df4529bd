"""A figure that moves, as HTML: its frames, and the sliders and radio buttons that choose one of them."""

import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from rnncourse.figures.frames import shared
from rnncourse.figures.picture import figcaption, with_own_ids, write

HERE = Path(__file__).parent
TICKS = 28  # characters that fit below a slider, side by side

# Without a script there is one picture, and nothing that does not work.
PAGE = """<figure class="explore">
<style>
{style}</style>
{shared}
<div class="frames">
{question}{frames}
</div>
<div class="controls" hidden>
<button type="button">Play</button>
{parameters}
<span class="hint" hidden>Move the slider: the figure follows.</span>
</div>
<p class="shown" role="status"></p>
<script>
{script}</script>{caption}
</figure>"""

QUESTION = """<div class="question" hidden>
<p>{question}</p>
<button type="button">Show the figure</button>
</div>
"""

# A screen reader is told a slider's value at each key, and what the picture shows when the slider has come to rest.
SLIDER = """<div class="parameter" data-name="{name}" data-values="{values}"><label>{label} <span class="track">\
<input type="range" autocomplete="off" min="0" max="{last}" value="{place}" aria-valuetext="{text}">\
<span class="ticks" aria-hidden="true">{ticks}</span></span></label>\
<output aria-hidden="true" style="min-width: {width}ch">{text}</output></div>"""

RADIOS = """<fieldset class="parameter" data-name="{name}" data-values="{values}"><legend>{label}</legend>\
{radios}</fieldset>"""

RADIO = """<label><input type="radio" autocomplete="off" value="{k}"{checked}> {text}</label>"""


def text(value: Any) -> str:
    """Return how a value of a parameter is written."""
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def is_category(values: Sequence[Any]) -> bool:
    """Return whether ``values`` are names, not numbers."""
    return all(isinstance(value, str) for value in values)


def page(
    drawings: Sequence[Element], alts: Sequence[str], seen: int, parameters: Sequence[str], question: str, caption: str
) -> str:
    """Return a figure as HTML.

    Args:
        drawings: one for each combination of values; the values of the last parameter change first.
        alts: what each drawing shows.
        seen: the place of the drawing that is seen first.
        parameters: what chooses each parameter's value, from :func:`parameter`.
        question: what the reader is asked before the figure is shown, or nothing.
        caption: what stands below the figure, or nothing.
    """
    common = write(shared(drawings))
    frames = []
    for k, (drawing, alt) in enumerate(zip(drawings, alts, strict=True)):
        state = 'class="frame start"' if k == seen else 'class="frame" hidden'
        frames.append(f'<div {state} role="img" aria-label="{html.escape(alt)}">{write(drawing)}</div>')
    whole = PAGE.format(
        style=(HERE / "live.css").read_text(encoding="utf-8"),
        shared=common,
        question=QUESTION.format(question=html.escape(question)) if question else "",
        frames="\n".join(frames),
        parameters="\n".join(parameters),
        script=(HERE / "live.js").read_text(encoding="utf-8"),
        caption="\n" + figcaption(caption) if caption else "",
    )
    return with_own_ids(whole, "e")


def parameter(name: str, values: Sequence[Any], label: str, start: Any) -> str:
    """Return what chooses a parameter's value: radio buttons for names, a slider for numbers."""
    texts = [text(value) for value in values]
    place = values.index(start)
    shown = {
        "name": name,
        "values": html.escape(json.dumps(texts, ensure_ascii=False)),
        "label": html.escape(label),
    }
    if is_category(values):
        radios = [
            RADIO.format(k=k, checked=" checked" * (k == place), text=html.escape(value))
            for k, value in enumerate(texts)
        ]
        return RADIOS.format(radios="\n".join(radios), **shown)
    last = len(texts) - 1
    longest = max(map(len, texts))
    every = (longest + 1) * len(texts) <= TICKS
    ticks = "".join(
        f'<i style="--place: {k / last:.3g}">{html.escape(value) if every or k in (0, last) else ""}</i>'
        for k, value in enumerate(texts)
    )
    return SLIDER.format(last=last, place=place, text=html.escape(texts[place]), ticks=ticks, width=longest, **shown)
