"""Measurements against peers and floors: one folder per question, see README.md. Never a timed test."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "layers" / "common" / "python"), str(ROOT / "functions")]
