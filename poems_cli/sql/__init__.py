"""The rules as one SQL query over a table that stays in its database: ``poems sql``."""
