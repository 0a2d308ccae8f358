"""Gradient checks and one-sided derivatives."""

from engine.check.gradient import CheckResult, Disagreement, gradient_check
from engine.check.slopes import one_sided

__all__ = ["CheckResult", "Disagreement", "gradient_check", "one_sided"]
