"""How good a text is expected to be: what became of texts of the same confidence on pages with known text (pure)."""

import numpy as np

# Confidence, and the mean F1 of texts that had it, cross-validated over domains: `make quality` prints it.
_CONFIDENCE = (0.0, 0.45, 0.636, 0.812, 0.868, 0.898, 0.938, 0.982)
_F1 = (0.0, 0.32, 0.65, 0.782, 0.866, 0.932, 0.962, 0.975)
QUALITY_OF_DATA = 0.9  # of a text that JSON-LD or scripts have: whole, but perhaps another one


def expected_quality(confidence: float) -> float:
    """The F1 to expect, 0 to 1."""
    return round(float(np.interp(confidence, _CONFIDENCE, _F1)), 3)
