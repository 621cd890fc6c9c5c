"""What all displays have in common: axes, words, refusals, and one look at a film."""

import importlib.util
import re
from collections import Counter
from functools import partial

import cv2
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklearn_baccaec import LandmarkTable
from sklearn_baccaec.plotting import (
    AccuracyDisplay,
    AgeDifferenceDisplay,
    ClusterCompositionDisplay,
    FilmSheetDisplay,
    LatentMapDisplay,
    MaturityDisplay,
    PredictedAgeDisplay,
)

# How to draw each chart from ages alone.
FROM_AGES = {
    ClusterCompositionDisplay: lambda y, **kw: (
        ClusterCompositionDisplay.from_predictions(y, [0, 0, 1], **kw)
    ),
    LatentMapDisplay: lambda y, **kw: LatentMapDisplay.from_predictions(
        np.eye(3), y, **kw
    ),
    AccuracyDisplay: lambda y, **kw: AccuracyDisplay.from_predictions(
        y, {2: [0, 0, 1]}, **kw
    ),
    PredictedAgeDisplay: lambda y, **kw: PredictedAgeDisplay.from_predictions(
        y, [40, 80, 200], **kw
    ),
    AgeDifferenceDisplay: lambda y, **kw: AgeDifferenceDisplay.from_predictions(
        y, [40, 80, 200], **kw
    ),
    MaturityDisplay: lambda y, **kw: MaturityDisplay.from_predictions(
        [0.2, 0.5, 0.8], [40, 80, 200], y, **kw
    ),
}

pytestmark = pytest.mark.usefixtures("drawing")


@pytest.mark.parametrize("kind", list(FROM_AGES), ids=lambda kind: kind.__name__)
class TestEveryChart:
    def test_axes_at_hand_are_used(self, kind):
        figure, axes = plt.subplots(1, 2)
        display = FROM_AGES[kind]([30, 80, 200], ax=axes[0])
        assert display.ax_ is axes[0]
        assert display.figure_ is figure
        assert axes[0].has_data()
        assert not axes[1].has_data()
        assert display.plot(ax=axes[1]) is display
        assert display.ax_ is axes[1]
        assert axes[1].get_title() == axes[0].get_title()
        assert len(plt.get_fignums()) == 1

    @pytest.mark.filterwarnings("error")
    def test_everything_written_fits_the_figure(self, kind):
        display = FROM_AGES[kind]([30, 80, 200])
        figure = display.figure_
        figure.canvas.draw()
        words = figure.findobj(
            lambda artist: (
                isinstance(artist, matplotlib.text.Text)
                and artist.get_visible()
                and artist.get_text()
            )
        )
        assert words
        whole = figure.bbox.padded(2)
        for text in words:
            assert text.get_fontsize() >= 8
            corners = text.get_window_extent().corners()
            inside = [whole.contains(*corner) for corner in corners]
            # Ticks beyond the view are not drawn.
            number = re.fullmatch("\N{MINUS SIGN}?[0-9.]+", text.get_text())
            assert all(inside) or number

    def test_invalid_ages(self, kind, pca_model, films):
        for y, message in [
            ([30, -1, 200], r"y\[1\] is -1"),
            ([[30, 40, 50]], "one age per film"),
        ]:
            with pytest.raises(ValueError, match=message):
                FROM_AGES[kind](y)
        with pytest.raises(ValueError, match="y has 3 ages for 12 films"):
            kind.from_estimator(pca_model, films.data, [30, 40, 50])
        assert not plt.get_fignums()

    def test_no_known_age(self, kind):
        if kind is LatentMapDisplay:  # it takes none at all
            assert list(FROM_AGES[kind]([None] * 3).points_) == ["unknown"]
            return
        if kind is MaturityDisplay:  # nor need this one have any
            assert list(FROM_AGES[kind]([None] * 3).points_) == ["films"]
            return
        if kind is AgeDifferenceDisplay:  # which has no intervals
            with pytest.raises(ValueError, match="both a known age and a prediction"):
                FROM_AGES[kind]([None] * 3)
            return
        with pytest.raises(ValueError, match="no known age: all 3 are missing"):
            FROM_AGES[kind]([None] * 3)
        with pytest.raises(ValueError, match=r"within age_range=\(24, 216\) months"):
            FROM_AGES[kind]([None, 10, 300])
        assert not plt.get_fignums()


DRAW = {
    "sheet": FilmSheetDisplay.from_estimator,
    "misclassified": partial(FilmSheetDisplay.from_estimator, kind="misclassified"),
    "composition": ClusterCompositionDisplay.from_estimator,
    "map": LatentMapDisplay.from_estimator,
    "numbers": partial(
        AccuracyDisplay.from_estimator, n_clusters=[2, 3], random_states=0
    ),
    "regions": partial(AccuracyDisplay.from_estimator, by="region", random_states=0),
    "ages": PredictedAgeDisplay.from_estimator,
    "differences": AgeDifferenceDisplay.from_estimator,
}


@pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)
class TestFromEstimator:
    def test_films_are_decoded_once(self, draw, make_model, film_folder, monkeypatch):
        paths = sorted(film_folder.glob("a*.png"))
        ages = np.linspace(30, 210, 12)
        model = make_model(
            encoder=PCA(2, random_state=0),
            landmarker=LandmarkTable(film_folder / "landmarks.csv"),
        ).fit(paths, ages[::-1])
        path_of = {path.read_bytes(): path for path in paths}
        decoded, imdecode = Counter(), cv2.imdecode

        def counted(content, *args):
            decoded[path_of[bytes(content)]] += 1
            return imdecode(content, *args)

        monkeypatch.setattr(cv2, "imdecode", counted)
        display = draw(model, paths, ages)
        shown = display.order_ if isinstance(display, FilmSheetDisplay) else []
        assert decoded == Counter(paths) + Counter(paths[i] for i in shown)
        if isinstance(display, FilmSheetDisplay):
            decoded.clear()
            draw(model, paths, ages, region="carpus")
            assert decoded == Counter(paths)

    def test_without_matplotlib(self, draw, monkeypatch):
        find_spec = importlib.util.find_spec
        monkeypatch.setattr(
            "sklearn_baccaec._utils.sklearn_compat.find_spec",
            lambda name: None if name == "matplotlib" else find_spec(name),
        )
        with pytest.raises(ImportError, match="a display needs matplotlib: install"):
            draw(None, [np.eye(40)], [30])


@pytest.mark.parametrize("draw", [DRAW["misclassified"], DRAW["ages"]])
def test_sexes_left_out_of_names_by_sex(draw, make_model, films):
    model = make_model(encoder=PCA(2, random_state=0))
    model.fit(films.data, films.target, sex=films.sex)
    with pytest.warns(UserWarning, match="named for each sex") as caught:
        draw(model, films.data, films.target)
    assert caught[0].filename == __file__


def test_charts_have_the_intervals_of_the_names_whatever_is_set_later(
    make_model, films
):
    model = make_model(encoder=PCA(2)).fit(films.data, films.target)
    model.set_params(interval=24, age_range=(0, 300))
    display = PredictedAgeDisplay.from_estimator(model, films.data, films.target)
    assert (display.interval, display.age_range) == (48, (24, 216))
