"""Data that ships in packages: one function for each set, nothing is downloaded."""

from lstm_course.data.chorales import Chorale, load_chorales, piano_roll
from lstm_course.data.dates import load_date_pairs
from lstm_course.data.digits import load_digits, moving_digits
from lstm_course.data.prices import load_ibm_prices
from lstm_course.data.results import load_results
from lstm_course.data.sensors import load_watch, windows
from lstm_course.data.treebank import TaggedSentence, load_turkish_web

__all__ = [
    "Chorale",
    "TaggedSentence",
    "load_chorales",
    "load_date_pairs",
    "load_digits",
    "load_ibm_prices",
    "load_results",
    "load_turkish_web",
    "load_watch",
    "moving_digits",
    "piano_roll",
    "windows",
]
