"""What the page shows of a run: a line about it, and its charts, drawn again and again."""

from dataclasses import dataclass

import streamlit as st

from pages.components.live_charts import CLAIM, live_charts
from pages.state import PageState, hear, present_theme
from pages.training import session
from pages.training.charts import charts
from pages.training.code import texts
from pages.training.progress import Progress
from pages.training.scene import TrainingScene
from pages.training.words import status

GONE = "The run of this tab is over: its connection was lost, or the server was started anew."


@dataclass(frozen=True)
class TrainingView:
    """The part of the page that follows this session's run; key: the component's."""

    key: str
    state: PageState[TrainingScene]

    def follow(self) -> None:
        """Draws now, and as often as there may be news; then all else too, if that has changed."""
        progress = session.present_progress(self.state.scene)
        often = session.patience(progress.phase)
        st.fragment(self._draw, run_every=often)(self._rest_of_page(progress))

    def _rest_of_page(self, progress: Progress) -> object:
        """What the buttons, the settings and the problems depend on."""
        return progress.phase, self.state.scene, tuple(self.state.problems)

    def _draw(self, drawn: object) -> None:
        progress = session.present_progress(self.state.scene)
        if self._rest_of_page(progress) != drawn:
            st.rerun()
        with st.container(key="run"):
            st.progress(progress.part, status(progress, *session.line()))
        run, theme = session.present_run(), present_theme(self.state)
        live_charts(
            self.key,
            charts(progress, theme),
            theme=theme,
            address=self.state.scene.query(),
            token=run.token if run else "",
            texts=texts(progress.scene),
            on_message=self._hear,
        )

    def _hear(self) -> None:
        """Takes over what the browser says: a theme, and after a reload which run it had."""
        before = self.state.message
        hear(self.key)
        news = self.state.message if self.state.message is not before else None
        token = news.wants.get(CLAIM) if news else None
        if token and session.present_run() is None and not session.claim(token):
            self.state.problems.append(GONE)
