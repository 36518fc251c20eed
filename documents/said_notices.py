"""Notices of a wording that nobody has seen: a short page that names a program and says it cannot show the rest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from schemas.errors import DocbeamError, ErrorCode

MOST_CHARACTERS = 600
"""A longer page says something else, too."""
_PROGRAM = (
    r"java ?script",
    r"(adobe|acrobat|pdf) (acrobat|reader|viewer)",
    r"(another|different|other|compatible) (pdf )?(viewer|reader)",
    r"pdf (anzeige\w*|betrachter|lese\w*)",
    r"visionneuse|lecteur (pdf|adobe)",
    r"(visor|lector) (de )?pdf",
    r"visualizzatore|lettore (pdf|adobe)",
    r"visualizador|leitor (de )?pdf",
    r"przegladark\w+|czytnik\w* pdf",
    r"pdf lezer",
)
_WAIT = r"please wait|bitte warten|patienter|espere|aguarde|attendere|prosze czekac|even geduld"
_CANNOT = (
    _WAIT,
    r"(can ?not|can ?t|could not|(un|not )able to|does not|doesn ?t|will not|won ?t) (be )?"
    r"(display\w*|show\w*|open\w*|render\w*|load\w*|view\w*|support\w*)",
    r"(is|are) not (supported|displayed|shown)|unsupported",
    r"(enable|turn on|switch on|needs?|requires?|without) java ?script",
    r"java ?script (is|must|has|needs|to be)\b.{0,20}\b(disabled|enabled|off|on|required|needed)",
    r"(kann|konnen|konnte|wird|werden) .{0,60}nicht .{0,20}(angezeigt|dargestellt|geoffnet|unterstutzt)",
    r"unterstutzt .{0,60}nicht|java ?script (ist|muss|wird)|(benotigt|erfordert) .{0,20}java ?script",
    r"ne (peut|peuvent|prend|prennent) .{0,30}(affich\w+|ouvert\w*|charge)|activez java ?script",
    r"no (se )?(puede|pueden|admite|es compatible) .{0,30}|habilite java ?script",
    r"non (puo|possono|supporta|e supportat\w) .{0,30}|attivare? java ?script",
    r"nao (pode|suporta|foi possivel) .{0,30}",
    r"nie (mozna|obsluguje) .{0,30}",
    r"kan .{0,40}niet .{0,20}(weergegeven|geopend)|ondersteunt .{0,60}niet",
)
_WHAT = (
    _WAIT,
    r"(this|the|your) (pdf |xfa |interactive |dynamic )?(form|document|file|content|page|pdf|type of)",
    r"die(se|ses|ser|sem|sen)? (formular|dokument|datei|inhalt\w*|seite)",
    r"(ce|cet|cette|le|la) (formulaire|document|fichier|contenu|page)",
    r"(este|esta|el|la|o) (\w+ de )?(formulari\w+|document\w+|archivo|arquivo|contenido|conteudo|tipo)",
    r"(il|lo|la|questo|questa) (\w+ di )?(modulo|documento|file|contenuto|tipo)",
    r"(tego|ten|ta|to) (formularz\w*|dokument\w*|plik\w*)",
    r"(dit|deze) (formulier|document|bestand|inhoud)",
)
_NEAR = 80
"""Characters between what cannot be shown and that it cannot."""


def said_notice_in(text: str) -> DocbeamError | None:
    """What to tell of a page that says no more than `text`, with its blanks, and no more than that; None for others."""
    if len(text) > MOST_CHARACTERS or not _says_it_cannot_be_shown(_words(text)):
        return None
    return DocbeamError(
        ErrorCode.DOCUMENT_XFA,
        "the page only says that a program cannot show what was to be there; open it in the program that it names and "
        "print it to an ordinary PDF",
    )


def _says_it_cannot_be_shown(words: str) -> bool:
    if not _places(_PROGRAM, words):
        return False
    what = _places(_WHAT, words)
    return any(0 < abs(cannot - start) <= _NEAR for cannot in _places(_CANNOT, words) for start in what)


def _places(alternatives: Sequence[str], words: str) -> list[int]:
    """Where one of them begins."""
    return [found.start() for found in re.finditer(rf"\b(?:{'|'.join(alternatives)})\b", words)]


def _words(text: str) -> str:
    """Small letters without accents and figures, one blank between words."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w]+", " ", plain).split())
