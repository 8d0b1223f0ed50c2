"""Combining rankings of the same candidates."""

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


def z_scores(scores: Scores) -> Scores:
    """Return scores shifted to mean 0 and scaled to deviation 1; all zeros if they are all equal.

    Args:
        scores: (n,) float32.

    Returns:
        (n,) float32.
    """
    spread = float(scores.std()) if scores.size else 0.0
    if spread == 0.0:
        return np.zeros_like(scores)
    return np.asarray((scores - scores.mean()) / spread, np.float32)


def fuse(dense: Scores, lexical: Scores, dense_weight: float = 0.5) -> Scores:
    """Combine two scorings of the same candidates as a weighted sum of z-scores.

    Source: CombSUM (Fox and Shaw, TREC-2, 1994) with z-score normalisation (Montague and Aslam,
    CIKM 2001).

    Args:
        dense: (n,) float32, higher is better.
        lexical: (n,) float32, higher is better.
        dense_weight: Share of the dense side, 0 to 1.

    Returns:
        (n,) float32; 0 is an average candidate.
    """
    return dense_weight * z_scores(dense) + (1 - dense_weight) * z_scores(lexical)
