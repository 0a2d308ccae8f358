"""What a session remembers of a page: its state, Undo, the class's vote; what the browser says.

The keys of st.session_state, with the module below pages/ that uses each; other keys are widgets'
alone.

    page:{key}           session/page_state.py: a page's state
    live-figure:session  components/live_figure.py: the session's random name
    {key}:answered       components/live_figure.py: the message that was answered last
    {name}:generation    components/controls.py: how often a widget was replaced by a new one
    gallery:first        components/gallery.py: the first case of a list to be presented
    gallery:file         components/gallery.py: the open lecture file
    training:run         training/session.py: the training run
    learn:course         views/learn_page.py: the progress through the lessons
    stack:checked        views/stack_page.py: the scene whose gradients were checked last
    stack:editor         views/network_menu.py: what is entered into the menu
    network              views/network_menu.py: whether the menu is open
    network:tab          views/network_menu.py: which of its tabs is open
    network:{each}       views/network_menu.py: a number that says which part of a digit is taken
    {key}:next           views/digit_controls.py: no digit, so that none stays chosen
"""
