"""The scoreboard: all models of the course on one text, from their settings to the table of their scores."""

from rnncourse.scoreboard.mixture import best_share, mix
from rnncourse.scoreboard.search import Search, Space, Trial
from rnncourse.scoreboard.settings import Settings, read_settings
from rnncourse.scoreboard.surprise import load_surprise, save_surprise
from rnncourse.scoreboard.table import Row, Table
from rnncourse.scoreboard.training import build, count_parameters, fit, load_weights, save_weights

__all__ = [
    "Row",
    "Search",
    "Settings",
    "Space",
    "Table",
    "Trial",
    "best_share",
    "build",
    "count_parameters",
    "fit",
    "load_surprise",
    "load_weights",
    "mix",
    "read_settings",
    "save_surprise",
    "save_weights",
]
