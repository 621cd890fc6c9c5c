"""How the package's own models are made."""
