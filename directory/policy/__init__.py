"""The page of a Région: the chain as it built it, dated, with the money, the words and the gaps."""
