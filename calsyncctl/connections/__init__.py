"""The use cases of accounts and calendars: connect, choose, hand over, part, sync; one each, for command and daemon."""
