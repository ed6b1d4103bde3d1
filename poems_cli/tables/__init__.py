"""Tables of patients: bytes to columns, headings to findings, cells to values."""
