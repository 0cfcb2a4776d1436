"""How a profile is: every fact once (`snapshot`), and what needs a person, in order (`needs`)."""
