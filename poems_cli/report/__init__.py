"""How answers leave: one file per format; ``narrative`` and ``reasons`` say in words what the formats for people draw."""
