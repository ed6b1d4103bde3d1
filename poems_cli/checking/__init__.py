"""Patients in, answers out: reads records, answers them on all processors, prints."""
