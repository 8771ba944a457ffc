"""SciPy's sparse matrices and programs, untyped: its stubs take the arrays it asks for to be numbers."""

from __future__ import annotations

from typing import Any

import scipy.optimize
import scipy.sparse

Matrix = Any
"""A sparse matrix by row or by column, or one of its arrays."""
sp: Any = scipy.sparse
Bounds: Any = scipy.optimize.Bounds
LinearConstraint: Any = scipy.optimize.LinearConstraint
milp: Any = scipy.optimize.milp
linprog: Any = scipy.optimize.linprog
