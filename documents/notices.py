"""The notices that programs put in the place of what other viewers cannot show, by what is always the same in them.

Most come in many languages and name the same addresses in each; of the others the English text is known.
"""

from __future__ import annotations

import re

from schemas.errors import DocbeamError, ErrorCode

MOST_CHARACTERS = 2000
"""A longer text says something else, too."""
_XFA, _PORTFOLIO, _PROTECTED = ErrorCode.DOCUMENT_XFA, ErrorCode.DOCUMENT_PORTFOLIO, ErrorCode.DOCUMENT_ENCRYPTED
_PHRASES = (
    (_XFA, ("adobecomgoreaderdownload", "adobecomgoacrreader")),
    (_XFA, ("adobecomgopdfformsconfigure",)),
    (_XFA, ("adobecomproductsacrobatreadstep2", "adobecomsupportproductsacrreader")),
    (_XFA, ("ifthismessageisnoteventuallyreplacedbythepropercontents",)),
    (_XFA, ("documentyouaretryingtoloadrequiresadobereader",)),
    (_XFA, ("toviewthefullcontentsofthisdocumentyouneedalaterversionofthepdfviewer",)),
    (_PORTFOLIO, ("forthebestexperienceopenthispdfportfolioin",)),
    (_PROTECTED, ("pdfdocumenthasbeenprotected", "readeryouareusingdoesnotsupport")),
    (_PROTECTED, ("pdfdocumentisprotectedby", "youwillneedacompatiblepdf")),
)
"""Letters and digits that all have to be in one notice."""
_ADVICE = {
    _XFA: "a notice in place of an XFA form; open that in the program that made it and print it to an ordinary PDF",
    _PORTFOLIO: "the cover of a portfolio; send the documents that are in it",
    _PROTECTED: "the cover of a protected document; open that with the rights it asks for and send it unprotected",
}
_NO_LETTER = re.compile(r"[^a-z0-9]")


def notice_in(text: str) -> DocbeamError | None:
    """What to tell of a page that says no more than `text`, with blanks or without; None where it is no notice."""
    if len(text) > MOST_CHARACTERS:
        return None
    letters = _NO_LETTER.sub("", text.lower())
    for code, phrases in _PHRASES:
        if all(phrase in letters for phrase in phrases):
            return DocbeamError(code, f"the page is only {_ADVICE[code]}")
    return None
