"""Asking a person: what to ask next, reading an answer, the screen, the file of answers, the review, the patient's page.

It uses the engine, the records and the report; none of them uses it.
"""
