"""poems: which published criteria for POEMS syndrome one patient meets, why, and what would settle the rest."""

__version__ = "0.1.0"  # a literal: reading it from the package metadata costs every start some 60 ms
