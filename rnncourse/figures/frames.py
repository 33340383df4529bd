"""Frames of a figure that moves: what they have in common is drawn once."""

from collections import Counter
from collections.abc import Sequence
from xml.etree.ElementTree import Element, tostring

SHORT = 60  # characters; a part that has fewer is no longer than the reference to it


def shared(frames: Sequence[Element]) -> Element:
    """Move what ``frames`` have in common into a drawing of its own, which is returned; they refer to it.

    That is all definitions, and the parts, as large as possible, that are the same in two frames or more.
    """
    shelf = Element("defs")
    defined = set()
    for frame in frames:
        for parent in list(frame.iter()):
            for definitions in parent.findall("defs"):
                parent.remove(definitions)
                for part in definitions:
                    if part.attrib["id"] not in defined:
                        shelf.append(part)
                        defined.add(part.attrib["id"])

    markup = {part: tostring(part, encoding="unicode") for frame in frames for part in frame.iter()}
    uses = Counter(text for frame in frames for text in {markup[part] for part in frame.iter()})
    names: dict[str, str] = {}

    def share(parent: Element, least: int) -> None:
        """Replace the parts of ``parent`` that ``least`` frames have or more."""
        for place, part in enumerate(parent):
            text = markup[part]
            if uses[text] < least or len(text) < SHORT:
                share(part, least)
                continue
            if text not in names:
                names[text] = f"s{len(names)}"
                share(part, uses[text] + 1)  # a part of this part may be in more frames than the whole
                part.set("id", names[text])
                shelf.append(part)
            parent[place] = Element("use", {"href": f"#{names[text]}"})

    for frame in frames:
        share(frame, 2)
    drawing = Element("svg", {"aria-hidden": "true", "width": "0", "height": "0"})
    drawing.append(shelf)
    return drawing
