"""The knowledge: YAML files read, checked and compiled to :class:`poems_cli.model.Rules`."""
