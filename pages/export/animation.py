"""All the pictures that an html file or a gif plays: each step, and each value of one slider.

A gif has the same bytes for the same pictures.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from PIL import Image

from pages.derive.picture import Picture, Slider, as_frame, changes_of_traces
from pages.export.render_jobs import JobError, RenderJob
from pages.export.slide import picture_of
from pages.state.scene import STEP, Scene

STEP_MILLISECONDS: Final = 1400
LAST_MILLISECONDS: Final = 3000
VALUE_MILLISECONDS: Final = 120
"""How long a gif shows a step, the last of them, and a slider's value."""
COLOURS: Final = 255
"""One of the 256 is kept for what is transparent."""
OPAQUE: Final = 128
"""From this alpha on a pixel is seen: a gif knows no half-transparent ones."""
DRAWN_MOST: Final = 300_000
LEAST_DRAWN: Final = 300
"""So many entries all pictures of an html file have together, one picture counted as this many."""


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
    chosen = slider_of(job) if slider else None
    steps = [step.scene for step in job.steps()]
    at = int(getattr(job.scene, STEP)) if len(steps) > 1 else 0
    if chosen is None:
        return Track(tuple((scene,) for scene in steps), (), None, (at, 0))
    values = tuple(chosen.values)
    rows = tuple(tuple(scene.moved(chosen.name, value) for value in values) for scene in steps)
    return Track(rows, values, chosen, (at, values.index(chosen.value)))


def tracks_of(job: RenderJob) -> Iterator[Track]:
    """What an html file might play, the most first: with a slider, the steps alone, a picture.

    Those of which the pictures would be long in the making are left out, unless the style names
    the slider.
    """
    entries = sum(value.array.size for value in job.subject.trace(job.scene).values)
    for slider in (True, False):
        track = track_of(job, slider=slider)
        drawn = sum(map(len, track.scenes)) * max(entries, LEAST_DRAWN)
        if job.style.slider or drawn <= DRAWN_MOST:
            yield track
    yield Track(((job.scene,),), (), None, (0, 0))


def slider_of(job: RenderJob) -> Slider | None:
    """The style's, else that of the entry that is explained; JobError where there is no such."""
    sliders = {slider.name: slider for slider in job.subject.sliders(job.scene)}
    wanted = job.style.slider
    if wanted and wanted not in sliders:
        known = f"there are: {', '.join(sliders)}" if sliders else "there is none"
        raise JobError(f"slider {wanted!r} is not there; {known}")
    return sliders.get(wanted or job.scene.entry)


def pictures_of(job: RenderJob, track: Track) -> list[list[Picture]]:
    """The pictures of a track, row by row, not yet on a canvas."""
    return [[picture_of(job, scene) for scene in row] for row in track.scenes]


def as_changes(rows: Sequence[Sequence[Picture]], at: tuple[int, int]) -> dict[str, Any]:
    """The pictures as what differs: of each row from the one before, in each row from its own.

    {"base": traces, "rows": [{"traces": …, "frames": [{"traces": …, "explanation": …}]}]}. A row's
    own is the one at the place of `at`; the base is that of the first row.
    """
    _, place = at
    data = [row[place].figure["data"] for row in rows]
    changed = [
        {
            "traces": changes_of_traces(before, own),
            "frames": [as_frame(own, picture) for picture in row],
        }
        for before, own, row in zip([data[0], *data], data, rows, strict=False)
    ]
    return {"base": data[0], "rows": changed}


def played(job: RenderJob) -> tuple[list[Scene], list[int]]:
    """What a gif shows, and for how many milliseconds each.

    The style's slider, there and back, at the job's own step; without one the steps.
    """
    track = track_of(job, slider=bool(job.style.slider))
    if track.slider is None:
        scenes = [row[0] for row in track.scenes]
        return scenes, [STEP_MILLISECONDS] * (len(scenes) - 1) + [LAST_MILLISECONDS]
    there = track.scenes[track.at[0]]
    scenes = [*there, *there[-2:0:-1]]
    return scenes, [VALUE_MILLISECONDS] * len(scenes)


def gif(pictures: Sequence[bytes], milliseconds: Sequence[int]) -> bytes:
    """PNGs of one size, each shown for so long, again and again; one alone stands still."""
    frames = [Image.open(BytesIO(each)).convert("RGBA") for each in pictures]
    palette = _palette(frames)
    indexed = [_indexed(frame, palette) for frame in frames]
    file = BytesIO()
    moving = {"duration": list(milliseconds), "loop": 0} if len(indexed) > 1 else {}
    clear = min(frames[0].getchannel("A").tobytes()) < OPAQUE  # all have the same paper
    indexed[0].save(
        file,
        "GIF",
        save_all=True,
        append_images=indexed[1:],
        optimize=False,
        **({"transparency": COLOURS, "disposal": 2} if clear else {"disposal": 1}),
        **moving,
    )
    return file.getvalue()


def _palette(frames: Sequence[Image.Image]) -> Image.Image:
    """The colours that most pixels have, as they are, and the same for all frames.

    So flat colours stay exact, and what stays the same from frame to frame does not flicker.
    """
    counted: Counter[Any] = Counter()
    for frame in frames:
        rgb = frame.convert("RGB")
        counted.update({colour: n for n, colour in rgb.getcolors(rgb.width * rgb.height) or ()})
    kept = sorted(counted, key=lambda colour: (-counted[colour], colour))[:COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in kept for part in colour])
    return palette


def _indexed(frame: Image.Image, palette: Image.Image) -> Image.Image:
    indexed = frame.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
    hidden = frame.getchannel("A").point(lambda alpha: 255 if alpha < OPAQUE else 0)
    indexed.paste(COLOURS, mask=hidden)
    return indexed
