"""What the program knows of one topic, for a reader: an explanation is data, which ``report.explanation`` draws."""
