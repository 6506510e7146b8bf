"""The page of a territory: what exists there, for which share of it, and where nobody answers."""
