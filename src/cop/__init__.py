"""COP Observatory: from confidential reports and microdata to signed public editions."""

__version__ = "0.1.0"
