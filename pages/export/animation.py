"""Make all the pictures that an html file or a gif plays: each step, each value of one slider.

A gif has the same bytes for the same pictures.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from pages.derive.picture import Picture, Slider, as_frame, changes_of_traces
from pages.export.render_jobs import JobError, RenderJob
from pages.export.slide import picture_of
from pages.state.scene import STEP, Scene

STEP_MILLISECONDS: Final = 1400  # how long a gif shows a step
LAST_MILLISECONDS: Final = 3000  # how long it shows the last step
VALUE_MILLISECONDS: Final = 120  # how long it shows a slider's value
COLOURS: Final = 255  # the number of a gif's colours: one of 256 is kept for transparent pixels
OPAQUE: Final = 128  # from this alpha on, a pixel is shown: a gif has no half-transparent pixels
DRAWN_MOST: Final = 300_000  # the most entries in all pictures of an html file together
LEAST_DRAWN: Final = 300  # the least number of entries that a picture counts for


@dataclass(frozen=True)
class Track:
    """What can be played of a job.

    Without a step-through there is one row of scenes; without a slider, one scene in a row.
    """

    scenes: tuple[tuple[Scene, ...], ...]  # a row for each step, a scene for each slider value
    values: tuple[float, ...]  # of the slider
    slider: Slider | None  # the one that is played
    at: tuple[int, int]  # the row of the job's own scene, and its place in that row


def track_of(job: RenderJob, *, slider: bool) -> Track:
    """The track of a job. slider: whether to play one, as `slider_of` finds it.

    Raises JobError if the style names a slider that the scene does not have.
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
    """The tracks that an html file may play, longest first: with a slider, the steps, a picture.

    A track whose pictures would take long to make is left out, unless the style names the slider.
    """
    entries = sum(value.array.size for value in job.subject.trace(job.scene).values)
    for slider in (True, False):
        track = track_of(job, slider=slider)
        drawn = sum(map(len, track.scenes)) * max(entries, LEAST_DRAWN)
        if job.style.slider or drawn <= DRAWN_MOST:
            yield track
    yield Track(((job.scene,),), (), None, (0, 0))


def slider_of(job: RenderJob) -> Slider | None:
    """The style's slider or, if it names none, the explained entry's, or None.

    None if a class has voted, whose shares are about the job's own values alone. Raises JobError if
    the scene does not have the style's slider.
    """
    sliders = {slider.name: slider for slider in job.subject.sliders(job.scene)}
    wanted = job.style.slider
    if wanted and wanted not in sliders:
        known = f"there are: {', '.join(sliders)}" if sliders else "there is none"
        raise JobError(f"slider {wanted!r} is not there; {known}")
    voted = job.exercise is not None and job.exercise.shares is not None
    return None if voted else sliders.get(wanted or job.scene.entry)


def pictures_of(job: RenderJob, track: Track) -> list[list[Picture]]:
    """The pictures of a track, row by row, not yet on a canvas."""
    return [[picture_of(job, scene) for scene in row] for row in track.scenes]


def as_changes(rows: Sequence[Sequence[Picture]], at: tuple[int, int]) -> dict[str, Any]:
    """The pictures as differences: each row from the row before, each frame from its row's own.

    {"base": traces, "rows": [{"traces": …, "frames": [{"traces": …, "explanation": …}]}]}. A row's
    own picture is the one at the place in `at`; the base is that of the first row.
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
    """The scenes that a gif shows, and for how many milliseconds each.

    It plays the style's slider, forth and back, at the job's own step; without one, the steps.
    """
    track = track_of(job, slider=bool(job.style.slider))
    if track.slider is None:
        scenes = [row[0] for row in track.scenes]
        return scenes, [STEP_MILLISECONDS] * (len(scenes) - 1) + [LAST_MILLISECONDS]
    there = track.scenes[track.at[0]]
    scenes = [*there, *there[-2:0:-1]]
    return scenes, [VALUE_MILLISECONDS] * len(scenes)


def gif(pictures: Sequence[bytes], milliseconds: Sequence[int]) -> bytes:
    """A gif of PNGs of one size, in a loop, each shown for its time; a single one stands still."""
    # Image.open would take our own large pictures for an attack.
    frames = [PngImageFile(BytesIO(each)).convert("RGBA") for each in pictures]
    palette = _palette(frames)
    indexed = [_indexed(frame, palette) for frame in frames]
    file = BytesIO()
    moving = {"duration": list(milliseconds), "loop": 0} if len(indexed) > 1 else {}
    clear = min(frames[0].getchannel("A").tobytes()) < OPAQUE  # all have the same background
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
    """The most frequent colours, unchanged, in one palette for all frames.

    So flat colours stay exact, and what is the same in two frames does not flicker.
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
