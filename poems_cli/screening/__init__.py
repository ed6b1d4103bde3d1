"""A table of patients in, a table of verdicts out: the same rules and the same meaning as for one patient."""
