"""At a kink: a slice through any page's scene, its brackets, and what every rule claims there.

In the first thirty seconds a lecturer drags the point off the kink and back and sees the wedge of
slopes close and open, points at the lab's mark, 6 where the truth is 3, chooses another case, and
ends with the one where no rule is wrong and none is right: rules composed.
"""

import streamlit as st

from pages.bring import from_the_kink
from pages.controls import rule_choice, snap_buttons
from pages.kink.cases import SNAPS, case_choice
from pages.kink.claims import kink_table
from pages.kink.kink_subject import KINK_SUBJECT
from pages.workbench import workbench

page = workbench(KINK_SUBJECT)
with page.toolbar:
    case_choice(page.state)
    rule_choice(page, 300)
    snap_buttons(page.state, SNAPS)
    from_the_kink(page)
with st.container(key="rules"):
    st.table(kink_table(page.state.scene))
