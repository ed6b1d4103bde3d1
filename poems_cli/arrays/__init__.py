"""The rules over whole columns: a truth is two bit planes, and one program answers a batch of rows."""
