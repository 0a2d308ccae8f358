"""All the pictures that an html file or a gif plays: each step, and each value of one slider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pages.changes import as_frame, changes_of_traces
from pages.export.render_jobs import JobError, RenderJob
from pages.export.slide import picture_of
from pages.picture import Picture, Slider
from pages.scene import STEP, Scene


@dataclass(frozen=True)
class Track:
    """What can be played of a job: for each step a row of scenes, one for each value.

    Where there is no step-through there is one row; where no slider, one value in a row. slider:
    the one that is played, or None. at: the row and the place in it of the job's own scene.
    """

    scenes: tuple[tuple[Scene, ...], ...]
    values: tuple[float, ...]
    slider: Slider | None
    at: tuple[int, int]


def track_of(job: RenderJob, *, slider: bool) -> Track:
    """The track of a job; with a slider the style's, else that of the entry that is explained.

    Raises JobError where the style names a slider that the scene does not have.
    """
    chosen = _slider(job) if slider else None
    steps = [step.scene for step in job.steps()]
    at = int(getattr(job.scene, STEP)) if len(steps) > 1 else 0
    if chosen is None:
        return Track(tuple((scene,) for scene in steps), (), None, (at, 0))
    values = tuple(chosen.values)
    rows = tuple(tuple(scene.moved(chosen.name, value) for value in values) for scene in steps)
    return Track(rows, values, chosen, (at, values.index(chosen.value)))


def _slider(job: RenderJob) -> Slider | None:
    sliders = {slider.name: slider for slider in job.subject.sliders(job.scene)}
    wanted = job.style.slider
    if wanted and wanted not in sliders:
        raise JobError(f"slider {wanted!r} is not there; there are: {', '.join(sliders)}")
    return sliders.get(wanted or getattr(job.scene, "entry", ""))


def pictures_of(job: RenderJob, track: Track) -> list[list[Picture]]:
    """The pictures of a track, row by row, not yet on a sheet."""
    return [[picture_of(job, scene) for scene in row] for row in track.scenes]


def as_changes(rows: Sequence[Sequence[Picture]], at: tuple[int, int]) -> dict[str, Any]:
    """The pictures as what differs: of each row from the first, in each row from its own.

    {"base": traces, "rows": [{"traces": …, "frames": [{"traces": …, "explanation": …}]}]}. The
    first is that at `at`; a row's own is the one at the same place in it.
    """
    row, place = at
    base = rows[row][place].figure["data"]
    return {"base": base, "rows": [_row_changes(base, each, place) for each in rows]}


def _row_changes(
    base: Sequence[Mapping[str, Any]], row: Sequence[Picture], place: int
) -> dict[str, Any]:
    own = row[place].figure["data"]
    return {
        "traces": changes_of_traces(base, own),
        "frames": [as_frame(own, picture) for picture in row],
    }
