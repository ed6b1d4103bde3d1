"""For people who write rules: example cases, and what changes of the rules they would notice."""
