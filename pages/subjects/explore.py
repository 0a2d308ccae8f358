"""The subjects of the pages under Explore: what other pages can look at too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pages.figures.info import Naming
from pages.picture import PageSubject
from pages.subjects.conv_1d import CONV_SUBJECT
from pages.subjects.conv_2d import CONV_2D_SUBJECT
from pages.subjects.conv_2d_pass import naming
from pages.subjects.conv_block import BLOCK_SUBJECT
from pages.subjects.max_pool import POOL_SUBJECT
from pages.subjects.minibatch import BATCH_SUBJECT
from pages.subjects.relu import RELU_SUBJECT


@dataclass(frozen=True)
class Explored:
    """A page under Explore: its subject, its title, its script, the letters of a scene's pass."""

    subject: PageSubject[Any]
    title: str
    script: str
    naming: Callable[[Any], Naming]


EXPLORED: Final[Mapping[str, Explored]] = {
    each.subject.key: each
    for each in (
        Explored(
            BLOCK_SUBJECT,
            "The conv block",
            "explore/conv_block.py",
            lambda scene: BLOCK_SUBJECT.naming,
        ),
        Explored(RELU_SUBJECT, "ReLU", "explore/relu.py", lambda scene: RELU_SUBJECT.naming),
        Explored(
            POOL_SUBJECT, "Max pool", "explore/max_pool.py", lambda scene: POOL_SUBJECT.naming
        ),
        Explored(
            CONV_SUBJECT,
            "Convolution, 1-D",
            "explore/conv_1d.py",
            lambda scene: CONV_SUBJECT.naming,
        ),
        Explored(CONV_2D_SUBJECT, "Convolution, 2-D", "explore/conv_2d.py", naming),
        Explored(
            BATCH_SUBJECT, "Minibatch", "explore/minibatch.py", lambda scene: BATCH_SUBJECT.naming
        ),
    )
}
"""By the subject's key, in the order of the pages."""
