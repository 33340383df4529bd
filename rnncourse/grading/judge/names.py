"""Names of files and of students: as they may be printed, and as they are compared."""

import re
import unicodedata


def printable(text: str) -> str:
    """Return ``text`` without what a terminal obeys or a file cannot hold, such as escape sequences."""
    whole = text.encode(errors="replace").decode()  # a name from another system may have no text
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in whole)


def words(name: str) -> list[str]:
    """Return the parts of ``name`` without case, accents and signs."""
    letters = unicodedata.normalize("NFKD", re.sub("['\u2019`\u00b4]", "", name.casefold()).replace("_", " "))
    return re.findall(r"\w+", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def plain(name: str) -> str:
    """Return ``name`` without what two spellings of it may differ in: case, accents, signs, the order of its parts."""
    return " ".join(sorted(words(name)))


def joined(name: str) -> set[str]:
    """Return ``name`` as Canvas writes it into the name of a file: in one word, the family name first or last."""
    parts = words(name)
    return {"".join(parts[i:] + parts[:i]) for i in range(len(parts))}
