"""What the program knows of one topic, for a reader: an explanation is data, which ``report.explanation`` draws."""

from poems_cli.explain.topics import explain, suggestion, topics
from poems_cli.report.blocks import Explanation

__all__ = ["Explanation", "explain", "suggestion", "topics"]
