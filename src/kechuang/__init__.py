"""Kechuang: a city's innovation-policy documents compile into the running service."""

__version__ = "0.1.0"
