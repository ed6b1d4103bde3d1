"""How answers leave: one file a format; ``letter`` and ``reasons`` say in words what the formats for people draw."""
