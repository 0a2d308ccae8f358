"""The point of a convex hull that is nearest to the origin.

P. Wolfe, "Finding the nearest point in a polytope", Mathematical Programming 11 (1976), 128–149.
"""

from typing import Final

import numpy as np

from engine.arrays import Array

TOLERANCE: Final = 1e-9
"""Relative to the largest of the points: what is nearer to the origin than this lies on it."""
ROUNDING: Final = 1e-14


def nearest(points: Array) -> Array:
    """argmin |p| over the convex hull of the rows: (P, n) -> (n,).

    It is the origin exactly, zeros, where the hull holds the origin up to rounding. Otherwise
    every point lies beyond it: points @ p >= |p|², so that p is a direction in which all of them
    grow.
    """
    sizes = np.linalg.norm(points, axis=1)
    scale = float(sizes.max())
    if scale == 0:
        return np.zeros(points.shape[1])
    points = points / scale
    corral: list[int] = [int(sizes.argmin())]
    weights: Array = np.ones(1)
    point: Array = points[corral[0]]
    while (size := float(point @ point)) > TOLERANCE**2:
        heights = points @ point
        lowest = int(heights.argmin())
        if heights[lowest] >= size - ROUNDING or lowest in corral:
            return np.asarray(point * scale)
        corral, weights = _within(points, [*corral, lowest], np.append(weights, 0.0))
        nearer = weights @ points[corral]
        if nearer @ nearer >= size:  # rounding leads nowhere any more
            return np.asarray(point * scale)
        point = nearer
    return np.zeros(points.shape[1])


def _within(points: Array, corral: list[int], weights: Array) -> tuple[list[int], Array]:
    """Who of the corral holds the nearest point of their hull between them, and their weights.

    Goes towards the nearest point of the plane through all of them, and drops who is in the way.
    """
    while True:
        wanted = _of_the_plane(points[corral])
        if (wanted > TOLERANCE).all():
            return corral, wanted
        falls = np.where(wanted > TOLERANCE, 0, weights - wanted)
        shares = np.divide(weights, falls, out=np.ones_like(weights), where=falls > 0)
        weights = weights + min(1.0, float(shares.min())) * (wanted - weights)
        kept = weights > TOLERANCE
        corral = [each for each, keeps in zip(corral, kept, strict=True) if keeps]
        weights = weights[kept] / weights[kept].sum()


def _of_the_plane(points: Array) -> Array:
    """The affine weights of the plane's point nearest to the origin: (k, n) -> (k,)."""
    count = len(points)
    system = np.ones((count + 1, count + 1))
    system[0, 0] = 0
    system[1:, 1:] = points @ points.T
    right = np.zeros(count + 1)
    right[0] = 1
    solution: Array = np.linalg.lstsq(system, right, rcond=None)[0]
    return solution[1:]
