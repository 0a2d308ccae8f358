"""How long pictures for slides take: `python -m tests.bench.export`.

Compares 40 PNGs of 1920 × 1080 in one batch with the same 40 figures by as many calls of plotly's
`fig.write_image`, each of which starts a browser. BROWSER_PATH or CHROME_PATH may name the browser.
"""

import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import plotly.graph_objects as go

from engine.files import write_whole
from pages.export.batch import Studio, outputs_of
from pages.export.render_jobs import RenderJob, job_of_preset
from pages.export.slide import slide
from pages.export.style import Style
from pages.figures.theme import PALETTES
from pages.registry import names
from tests.bench.table import Row, load, print_table

PICTURES = 40


async def batch(jobs: Sequence[RenderJob], folder: Path) -> tuple[float, list[float]]:
    """Return the seconds until the browser has drawn a first picture, and those of each picture."""
    times = []
    async with AsyncExitStack() as stack:
        begin = perf_counter()
        studio = Studio(stack)
        first, *outputs = outputs_of([jobs[-1], *jobs])
        await studio.content(first)
        up = perf_counter() - begin
        for output in outputs:
            begin = perf_counter()
            write_whole(output.path(folder), await studio.content(output))
            times.append(perf_counter() - begin)
    return up, times


def singly(job: RenderJob, folder: Path) -> float:
    """Return the seconds of one call of `fig.write_image` with the same figure and size."""
    figure = slide(job)
    width, height = figure["layout"]["width"], figure["layout"]["height"]
    drawn = go.Figure(figure)
    begin = perf_counter()
    scale = job.style.size[0] / width
    drawn.write_image(folder / f"{job.name}.png", width=width, height=height, scale=scale)
    return perf_counter() - begin


def main() -> None:
    """Make all the pictures in both ways, and print the times."""
    if "CHROME_PATH" in os.environ:
        os.environ.setdefault("BROWSER_PATH", os.environ["CHROME_PATH"])
    styles = [Style(theme=theme) for theme in PALETTES]
    every = [(name, style) for style in styles for name in names()]
    jobs = [job_of_preset(*each) for each in every[:: len(every) // PICTURES][:PICTURES]]
    print(f"load at the beginning: {load()}")
    with TemporaryDirectory() as name:
        up, times = asyncio.run(batch(jobs, Path(name)))
        single = [singly(job, Path(name)) for job in jobs]
    print_table(
        Row("the browser is up, with a first picture", up, None, "s"),
        Row("a picture of the batch, mean", sum(times) / PICTURES, 0.2, "s"),
        Row("a picture of the batch, median", median(times), None, "s"),
        Row("a picture of the batch, longest", max(times), None, "s"),
        Row("one call of fig.write_image, median", median(single), None, "s"),
        Row("the batch, of what 40 calls take", (up + sum(times)) / sum(single), 1 / 5),
    )
    print(f"40 calls take {sum(single) / (up + sum(times)):.1f} times as long, its start included")
    print(f"load at the end: {load()}")


if __name__ == "__main__":
    main()
