"""Rules in, SQL out: the same three values for a table as for one patient, with NULL as the third."""
