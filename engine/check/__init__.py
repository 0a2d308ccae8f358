"""Gradient checks and one-sided derivatives."""

from engine.check.differences import one_sided
from engine.check.gradient import CheckResult, Disagreement, gradient_check

__all__ = ["CheckResult", "Disagreement", "gradient_check", "one_sided"]
