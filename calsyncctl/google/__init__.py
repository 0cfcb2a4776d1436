"""The one door to Google: sign-in, tokens, and the Calendar API. Nothing outside imports a Google library."""
