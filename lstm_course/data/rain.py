"""Rain on a map, from a simulator: every cause of it is known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BIRTHS = 0.35  # new showers a frame, on the average
LIFE = 9.0  # frames, on the average
EDGE = 4  # pixels beyond the map in which showers live too


class RainFilms(NamedTuple):
    """Films of rain, and the wind that moves it."""

    frames: NDArray[np.float32]  # (N, T, R, C), 0 (dry) to 1
    wind: NDArray[np.float64]  # (N, 2), pixels a frame, down and to the right


def rain_films(
    rng: np.random.Generator, N: int, T: int, R: int = 24, C: int = 24, speed: float = 1.2
) -> RainFilms:
    """Return films of showers that are born, move with one wind a film, swell and decay.

    A shower is a round hill; its strength rises and falls over its life.  Rain that is born after
    the last frame that a forecast has seen cannot be foretold: that part of an error is the
    simulator's, and the same for every method.

    Parameters
    ----------
    rng : np.random.Generator
    N, T : int
        Films, and frames in each.
    R, C : int
        Rows and columns of the map.
    speed : float
        Of the wind, pixels a frame; its direction is drawn anew for each film.

    Raises
    ------
    ValueError
        If a size is below 1.
    """
    if min(N, T, R, C) < 1:
        raise ValueError(f"N, T, R and C must be at least 1, got {N}, {T}, {R} and {C}")
    angle = rng.uniform(0, 2 * np.pi, N)
    wind = speed * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return RainFilms(np.stack([_film(rng, one, T, R, C) for one in wind]), wind)


def _film(
    rng: np.random.Generator, wind: NDArray[np.float64], T: int, R: int, C: int
) -> NDArray[np.float32]:
    before = int(4 * LIFE)  # so that the first frame has showers of all ages
    births = rng.poisson(BIRTHS, before + T)
    born = np.repeat(np.arange(-before, T), births)[:, None]  # (showers, 1)
    showers, t = len(born), np.arange(T)
    life = 3.0 + rng.exponential(LIFE - 3.0, (showers, 1))
    age = (t - born) / life  # (showers, T)
    strength = rng.uniform(0.4, 1.0, (showers, 1)) * np.where(
        (age > 0) & (age < 1), np.sin(np.pi * np.clip(age, 0, 1)), 0
    )
    radius = rng.uniform(1.5, 3.5, (showers, 1, 1, 1))
    middle = rng.uniform([-EDGE, -EDGE], [R + EDGE, C + EDGE], (showers, 2))
    half = born + life / 2  # each shower is at its middle when it is strongest
    places = middle[:, None] + (t - half)[..., None] * wind  # (showers, T, 2)
    rows, columns = np.arange(R)[:, None], np.arange(C)
    squares = (rows - places[..., 0, None, None]) ** 2 + (columns - places[..., 1, None, None]) ** 2
    hills = strength[..., None, None] * np.exp(-squares / (2 * radius**2))
    film: NDArray[np.float32] = np.clip(hills.sum(axis=0), 0, 1).astype(np.float32)
    film[film < 0.05] = 0.0  # drizzle that no radar sees
    return film
