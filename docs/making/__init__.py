"""Makes the parts of the documentation that come from the program itself; ``docs/build.py`` puts them in place."""
