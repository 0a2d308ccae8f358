"""The content security policy, as text."""

import runpy
from pathlib import Path
from unittest.mock import Mock

import pytest

from pages.server.headers import EMBEDDERS, SecurityHeaders, policy

APP = Path(__file__).parents[3] / "app.py"

# The example in W3C's Content Security Policy Level 3, "usage of hashes".
PAGE = "<html><script>alert('Hello, world.');</script></html>"
HASH = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"


def rules(embedders: str = "") -> dict[str, list[str]]:
    parts = [rule.split() for rule in policy(PAGE, embedders).split(";")]
    return {name: sources for name, *sources in parts}


def test_scripts_are_our_own_or_the_inline_one() -> None:
    assert rules()["script-src"] == ["'self'", "blob:", HASH]


def test_a_script_that_is_inline_elsewhere_is_not_allowed() -> None:
    sources = [source for rule in rules().values() for source in rule]
    assert "'unsafe-eval'" not in sources
    assert "*" not in sources
    assert [name for name, rule in rules().items() if "'unsafe-inline'" in rule] == ["style-src"]


def test_what_no_page_needs_is_refused() -> None:
    found = {name: rules()[name] for name in ("object-src", "base-uri", "form-action")}
    assert found == {"object-src": ["'none'"], "base-uri": ["'self'"], "form-action": ["'self'"]}


def test_only_the_named_origins_may_show_the_site_in_a_frame() -> None:
    assert rules()["frame-ancestors"] == ["'self'"]
    named = "https://slides.example.org http://localhost:8000"
    assert rules(named)["frame-ancestors"] == ["'self'", *named.split()]
    assert rules("*")["frame-ancestors"] == ["'self'", "*"]


def test_no_other_site_may_show_it_in_a_frame_unless_one_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for named, sources in ((None, ""), ("https://slides.example.org",) * 2):
        monkeypatch.delenv(EMBEDDERS, raising=False)
        if named:
            monkeypatch.setenv(EMBEDDERS, named)
        sent = SecurityHeaders(Mock()).headers["content-security-policy"]
        assert sent.endswith(f"frame-ancestors 'self' {sources}".rstrip())


@pytest.mark.parametrize(
    "wrong",
    ["slides.example.org", "https://a.org; script-src *", "https://a.org;script-src", "'none'"],
)
def test_an_embedder_that_is_no_origin_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="BACKPROP_EMBEDDERS needs origins such as https://"):
        policy(PAGE, wrong)


def test_the_app_does_not_start_with_an_embedder_that_is_no_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(EMBEDDERS, "slides.example.org")
    with pytest.raises(ValueError, match=r"got 'slides\.example\.org'"):
        runpy.run_path(str(APP))
