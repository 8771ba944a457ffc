"""The learned half of the finding machine: which sentences speak of a criterion, and how sure that is.

The rules decide what a sentence says; the ranker, trained on quotes and on sentences of whole documents, orders the
passages and throws out the ones that only look alike. It stores weights of hashed n-grams and no text.
"""

from cop.terms.ranking.ranker import Ranker, ranker

__all__ = ["Ranker", "ranker"]
