"""What the report of a failed test has besides, without a browser."""

from unittest.mock import Mock

import pytest
from playwright.sync_api import Error

from tests.browser.conftest import FAILED, pytest_runtest_makereport
from tests.browser.live_page import LivePage


@pytest.mark.parametrize("error", [None, Error("Target crashed"), OSError("The disk is full.")])
def test_a_failure_is_reported_with_a_picture_or_where_there_can_be_none_without(
    error: Exception | None,
) -> None:
    screenshot = Mock(side_effect=error)
    page = Mock(spec=LivePage, page=Mock(url="http://localhost/relu", screenshot=screenshot))
    test = Mock(funcargs={"page": page}, stash={})
    test.name = "test_it"
    reporting = pytest_runtest_makereport(test, Mock(when="call"))
    next(reporting)
    report = Mock(failed=True, sections=[])
    with pytest.raises(StopIteration) as returned:
        reporting.send(report)
    assert returned.value.value is report
    assert test.stash[FAILED]
    screenshot.assert_called_once()
    assert [title for title, _ in report.sections] == ([] if error else ["The page"])
