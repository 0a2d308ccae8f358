"""Files that are written completely or not at all."""

import os
from pathlib import Path

import pytest

from engine.files import check_place, write_whole


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, replace = tmp_path / "a.txt", Path.replace
    write_whole(path, b"before")
    write_whole(path, b"after")
    assert path.read_bytes() == b"after"

    def interrupted(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, b"half")
    assert path.read_bytes() == b"after"
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]

    def interrupted_afterwards(self: Path, target: Path) -> Path:
        replace(self, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted_afterwards)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, b"whole")
    assert path.read_bytes() == b"whole"
    with pytest.raises(OSError, match="nowhere"):
        write_whole(tmp_path / "nowhere" / "a.txt", b"")


def test_a_name_may_be_as_long_as_the_system_takes_it(tmp_path: Path) -> None:
    path = tmp_path / f"{'a' * 251}.txt"
    check_place(path)
    write_whole(path, b"whole")
    assert path.read_bytes() == b"whole"


def test_a_file_is_as_open_as_any_other(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "a.txt", b"")
        (tmp_path / "b.txt").write_bytes(b"")
        assert os.umask(before) == 0o027, "and so are those that are written after it"
    finally:
        os.umask(before)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("a.txt", "b.txt")]
    assert modes == [0o640, 0o640]


def test_a_link_stays_one_and_a_closed_file_closed(tmp_path: Path) -> None:
    (folder := tmp_path / "elsewhere").mkdir()
    file, link, missing = folder / "a.txt", tmp_path / "link", tmp_path / "dangling"
    file.write_bytes(b"before")
    file.chmod(0o600)
    link.symlink_to(file)
    missing.symlink_to(folder / "b.txt")
    check_place(missing)
    for each in (link, missing):
        write_whole(each, b"after")
        assert each.is_symlink()
    assert [(folder / name).read_bytes() for name in ("a.txt", "b.txt")] == [b"after"] * 2
    assert file.stat().st_mode & 0o777 == 0o600
    assert len([*folder.iterdir()]) == 2
    write_whole(file, b"once more")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_link_may_lead_to_another_and_from_its_own_folder(tmp_path: Path) -> None:
    """A link to itself leads nowhere, and is replaced."""
    (tmp_path / "elsewhere").mkdir()
    leading = {"first": "elsewhere/second", "elsewhere/second": "a.txt", "itself": "itself"}
    for name, target in leading.items():
        (tmp_path / name).symlink_to(target)
    for name in ("first", "itself"):
        check_place(tmp_path / name)
        write_whole(tmp_path / name, b"written")
    links = {str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*") if each.is_symlink()}
    assert links == {"first", "elsewhere/second"}
    for name in ("elsewhere/a.txt", "itself"):
        assert (tmp_path / name).read_bytes() == b"written"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_what_is_no_file_is_written_to_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(path, b"whole")
    assert path.is_fifo()
    assert os.read(reader, 10) == b"whole"
    os.close(reader)
    monkeypatch.setattr(os, "access", lambda *_: False)  # as for anybody but root
    with pytest.raises(PermissionError):
        check_place(path)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="open files have no names")
def test_a_device_or_a_pipe_may_be_written_to_where_no_file_can_be_made(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    path = Path(f"/dev/fd/{writer}")
    check_place(path)
    write_whole(path, b"whole")
    assert os.read(reader, 10) == b"whole"
    os.close(writer)
    os.close(reader)
    if os.geteuid():  # root may write to anything
        os.mkfifo(closed := tmp_path / "closed", 0o400)
        with pytest.raises(PermissionError):
            check_place(closed)


def test_a_place_is_looked_at_without_a_trace(tmp_path: Path) -> None:
    def next_handle() -> int:
        os.close(handle := os.open(__file__, os.O_RDONLY))
        return handle

    path, before = tmp_path / "a.txt", next_handle()
    check_place(path)
    assert next_handle() == before
    assert not [*tmp_path.iterdir()]
    write_whole(path, b"before")
    check_place(path)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a.txt", b"before")]
    (link := tmp_path / "link").symlink_to(tmp_path / "nowhere" / "a.txt")
    for closed in (tmp_path, tmp_path / "nowhere" / "a.txt", link):
        with pytest.raises(OSError, match=r"a directory|nowhere"):
            check_place(closed)
