"""Checks a student's file: `python -m engine.check FILE`.

Their code runs in a process of its own (`theirs`), which only calls it and measures. Ours asks
(`questions`, `examine`), hears numbers as lines of JSON (`process`, `wire`), compares them with the
engine (`reference`, `outcome`), and says what it found (`judge`, `patterns`, `report`).
"""
