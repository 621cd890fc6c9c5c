"""Encoders that die; a module of their own, so that worker processes find them."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from sklearn.decomposition import PCA


class KilledOnce(PCA):
    """Its process is killed in the first fit, as when the memory is full."""

    def __init__(self, n_components=2, *, note=None, random_state=None):
        super().__init__(n_components, random_state=random_state)
        self.note = note

    def fit(self, X, y=None):
        note = Path(self.note)
        if not note.exists():
            note.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(X)
