"""Disclosure control, the door's gate: nobody is found in what is published.

```
rules        what may not be seen, as data          hierarchy, space, cells   what adds up to what, over all tables
primary      which cells are too revealing          assemble, system          the attacker's equations
complement   the fewest further cells               audit                     what an attacker knows of each cell
             (master, reach, witness)               protection, edition,      whole releases
rounding,    instead of suppression                 release, description
cell_key
```
"""

from cop.measurement.disclosure.edition import protect_counts, protect_estimates
from cop.measurement.disclosure.protection import Summary, protect, unprotected

__all__ = ["Summary", "protect", "protect_counts", "protect_estimates", "unprotected"]
