"""calsyncctl keeps a platform's calendars and Google Calendar the same."""

__version__ = "0.1.0"
