"""The guide's extensions for Sphinx."""
