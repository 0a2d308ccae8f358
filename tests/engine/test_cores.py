"""How many cores there are, from what the system reports."""

import os
from pathlib import Path

import pytest

import engine.cores as module

SAID: dict[str, tuple[dict[str, str], int]] = {
    "nothing": ({}, 8),
    "no limit": ({"cpu.max": "max 100000\n"}, 8),
    "two": ({"cpu.max": "200000 100000\n"}, 2),
    "one and a half": ({"cpu.max": "150000 100000\n"}, 2),
    "a tenth": ({"cpu.max": "10000 100000\n"}, 1),
    "more than there are": ({"cpu.max": "1600000 100000\n"}, 8),
    "another period": ({"cpu.max": "150000 50000\n"}, 3),
    "first version, two": ({"cpu/cpu.cfs_quota_us": "40000", "cpu/cpu.cfs_period_us": "20000"}, 2),
    "first version, no limit": (
        {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"},
        8,
    ),
}


@pytest.mark.parametrize("said", SAID)
def test_a_container_has_the_cores_that_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """On a machine of 16 cores, of which this process may use 8."""
    files, expected = SAID[said]
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="ascii")
    monkeypatch.setattr(module, "CONTROL_GROUPS", tmp_path)

    def allowed(process: int) -> set[int]:
        return {*range(8 if process in (0, os.getpid()) else 16)}

    monkeypatch.setattr(os, "sched_getaffinity", allowed, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    assert module.cores() == expected


def test_where_no_core_is_a_process_s_own_all_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS and Windows; if the machine does not even report a number, one."""
    monkeypatch.setattr(module, "CONTROL_GROUPS", tmp_path)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    for counted, expected in (4, 4), (None, 1):
        monkeypatch.setattr(os, "cpu_count", lambda counted=counted: counted)
        assert module.cores() == expected
