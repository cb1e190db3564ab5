"""Data that ships in packages: one function for each set, nothing is downloaded."""

from lstm_course.data.prices import load_ibm_prices
from lstm_course.data.results import load_results

__all__ = ["load_ibm_prices", "load_results"]
