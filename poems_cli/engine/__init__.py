"""One patient: what is known, which criteria hold, what would settle the rest, which mimics remain. Data, no sentences."""
