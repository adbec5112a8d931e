"""Text for LaTeX: what is special is escaped, what its fonts lack is spelled out."""

import unicodedata

from digitpairs.products.tables.cells import latex_of

GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau"
GREEK += " upsilon phi chi psi omega"
# What pdflatex knows by itself, with the fonts that every installation has.
SIGNS = {
    **{"–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\ldots{}"},
    **{
        "±": r"$\pm$",
        "×": r"$\times$",
        "÷": r"$\div$",
        "−": "$-$",
        "·": r"$\cdot$",
        "°": "$^\\circ$",
    },
    **{"≤": r"$\le$", "≥": r"$\ge$", "≠": r"$\ne$", "≈": r"$\approx$", "∞": r"$\infty$"},
    **{"→": r"$\to$", "←": r"$\gets$", "²": "$^2$", "³": "$^3$", "µ": r"$\mu$", "½": "$1/2$"},
    **{"ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "ø": r"\o{}", "Ø": r"\O{}", "ł": r"\l{}"},
    **{"œ": r"\oe{}", "ı": r"\i{}", "§": r"\S{}", "\u00a0": "~", "¿": "?`", "¡": "!`"},
}
ACCENTS = {  # combining characters
    **{"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u030a": "r "},
    **{"\u0327": "c ", "\u030c": "v ", "\u0304": "=", "\u0306": "u ", "\u030b": "H "},
    **{"\u0307": ".", "\u0331": "b "},
}


class Tex(str):
    """Text that is LaTeX already."""

    __slots__ = ()


def escaped(value: object) -> Tex:
    """Write a value so that LaTeX prints it as it is; what is LaTeX already stays."""
    return value if isinstance(value, Tex) else Tex(typeable(latex_of(str(value))))


def typeable(text: str) -> str:
    """Spell out the characters of a LaTeX text that its fonts do not have."""
    return "".join(char if char.isascii() else spelled(char) for char in text)


def spelled(char: str) -> str:
    """Spell a character that is not ASCII; its number, where nothing better is known."""
    if char in SIGNS:
        return SIGNS[char]
    name = unicodedata.name(char, "").lower()
    small = name.removeprefix("greek small letter ")
    if small != name and small in GREEK.split():
        return rf"$\{small}$"
    base, *marks = list(unicodedata.normalize("NFD", char))
    if marks and base.isascii() and all(mark in ACCENTS for mark in marks):
        for mark in marks:
            base = rf"\{ACCENTS[mark]}{{{base}}}"
        return base
    plain = unicodedata.normalize("NFKD", char)
    if plain.isascii() and plain.isprintable():
        return latex_of(plain)
    if unicodedata.combining(char) or not char.isprintable():
        return ""
    return f"[U+{ord(char):04X}]"
