"""How answers leave: one file a format; ``narrative`` and ``reasons`` say in words what the formats for people draw."""
