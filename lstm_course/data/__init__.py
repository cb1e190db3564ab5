"""Data that ships in packages: one function for each set, nothing is downloaded."""

from lstm_course.data.chorales import Chorale, load_chorales, piano_roll
from lstm_course.data.dates import load_date_pairs
from lstm_course.data.digits import load_digits, moving_digits
from lstm_course.data.glucose import GlucoseRecord, load_glucose
from lstm_course.data.prices import load_ibm_prices
from lstm_course.data.rain import RainFilms, rain_films
from lstm_course.data.results import load_results
from lstm_course.data.sea_maps import SeaMaps, load_sea_maps
from lstm_course.data.sensors import load_watch, windows
from lstm_course.data.series import (
    Panel,
    Series,
    load_air_passengers,
    load_demand,
    load_employment,
)
from lstm_course.data.treebank import TaggedSentence, load_turkish_web
from lstm_course.data.weather import DailyWeather, load_sea_temperature, load_seattle_weather

__all__ = [
    "Chorale",
    "DailyWeather",
    "GlucoseRecord",
    "Panel",
    "RainFilms",
    "SeaMaps",
    "Series",
    "TaggedSentence",
    "load_air_passengers",
    "load_chorales",
    "load_date_pairs",
    "load_demand",
    "load_digits",
    "load_employment",
    "load_glucose",
    "load_ibm_prices",
    "load_results",
    "load_sea_maps",
    "load_sea_temperature",
    "load_seattle_weather",
    "load_turkish_web",
    "load_watch",
    "moving_digits",
    "piano_roll",
    "rain_films",
    "windows",
]
