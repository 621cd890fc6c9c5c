"""Make the pictures of the user guide, all of drawn hands.

``python docs/images/make_images.py [NAME ...]`` draws all of them, or those named: a
picture is called like its function. It takes some minutes, and chromium for the
report and the sheet.
"""

import subprocess
import sys
import tempfile
import textwrap
import warnings
from functools import cache
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
from house import house
from PIL import Image
from sklearn.decomposition import PCA

from sklearn_baccaec import (
    CCAEC,
    BoneAgeClusterer,
    HandLandmarker,
    HOGComponents,
    KeyRegionExtractor,
    LandmarkTable,
    RegionPreprocessor,
    RegionSubsetSearchCV,
)
from sklearn_baccaec import plotting as displays
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.plotting import FilmSheetDisplay, KeyRegionDisplay
from sklearn_baccaec.report import write_report, write_sheet

FOLDER = Path(__file__).parent
CACHE = Path(tempfile.gettempdir()) / "baccaec-images"
MOST_BYTES = 150_000  # larger pictures get a palette
N_COLOURS = 128
BLUE, ORANGE = "#0072b2", "#d55e00"


def films():
    """Draw hands of both sexes, from two to seventeen years."""
    years = [2, 5, 8, 11, 14, 17]
    drawn = _draw_hands(6, ages=np.array(years) * 12, sex=["F", "M"] * 3)
    figure, axes = plt.subplots(1, 6, figsize=(10, 2.6), layout="constrained")
    for ax, film, age, sex in zip(axes, drawn.data, years, drawn.sex, strict=True):
        _show(ax, film, f"{age} years, {'girl' if sex == 'F' else 'boy'}")
    return figure


def landmarks():
    """Draw a hand that is found, one that is uncertain, and a film that shows none."""
    hand = _draw_hands(1, ages=[110], film_shape=(480, 360)).data[0]
    cast = hand.copy()
    cast[330:] = np.linspace(150, 235, 150)[:, None]  # a plaster over the wrist
    no_hand = np.random.default_rng(0).integers(0, 90, hand.shape).astype(np.uint8)
    figure, axes = plt.subplots(1, 3, figsize=(10, 4.6), layout="constrained")
    landmarker = HandLandmarker()
    for ax, film, name in zip(
        axes, (hand, cast, no_hand), ("found", "uncertain", "refused"), strict=True
    ):
        KeyRegionDisplay.from_film(film, landmarker=landmarker, ax=ax, name=name)
        reason = landmarker.locate([film]).reasons[0]
        if reason is not None:
            ax.set_title(f"{name}\n{reason}")
    return figure


def regions():
    """Draw one hand with its 19 named regions."""
    hand = _draw_hands(1, ages=[120], film_shape=(640, 480), marker_share=0)
    figure, ax = plt.subplots(figsize=(7, 8), layout="constrained")
    KeyRegionDisplay.from_film(
        hand.data[0], landmarks=hand.landmarks[0], names=True, ax=ax
    )
    ax.set_title("")
    figure.axes[1].remove()  # of the confidence, which is not the subject here
    for text in ax.texts:
        text.set_fontsize(10)
    return figure


def preprocessing():
    """Draw crops before and after each of the three steps."""
    names = ["index_pip", "middle_mcp", "wrist", "radius", "carpus"]
    drawn = _draw_hands(1, ages=[100], film_shape=(640, 480))
    table = LandmarkTable.from_films(drawn.data, drawn.landmarks)
    crops = KeyRegionExtractor(names, landmarker=table).fit_transform(drawn.data)
    steps = {
        "crop": crops,
        "equalised": _preprocess(crops, names, blur=None, threshold_block=None),
        "and blurred": _preprocess(crops, names, threshold_block=None),
        "and binarised": _preprocess(crops, names),
    }
    return _show_crops(steps, [name.replace("_", " ") for name in names])


def encoders():
    """Draw crops of one region and what a CCAEC draws again from their latents."""
    table = _draw_table()
    crops = KeyRegionExtractor(["carpus"], landmarker=table).fit_transform(_many().data)
    binary = RegionPreprocessor(regions=["carpus"]).fit_transform(crops)
    encoder = CCAEC(max_steps=500, lr=1e-3, random_state=0).fit(binary)
    shown = np.argsort(_many().target)[10::28][:8]
    again = encoder.inverse_transform(encoder.transform(binary[shown]))
    rows = {"crop": crops[shown], "binarised": binary[shown], "drawn again": again}
    months = [f"{age:.0f} months" for age in _many().target[shown]]
    return _show_crops(rows, months)


def maturity():
    """Draw the curve through the films, and hands from young to old along it."""
    model = _agreement()
    curve = model.pipeline_["consensus"]
    joined = model.examine(_many().data).region_latents
    used = np.isfinite(joined).all(axis=1)
    t = model.maturity_
    plane = PCA(2).fit(joined[used])
    grid = curve.grid_[(curve.grid_ >= t.min()) & (curve.grid_ <= t.max())]
    line = np.hstack([*curve.curves_])[np.isin(curve.grid_, grid)]
    x, y = plane.transform(line).T
    figure = plt.figure(figsize=(10, 6.4), layout="constrained")
    above, below = figure.subfigures(2, height_ratios=[2.2, 1])
    ax = above.subplots()
    ax.plot(x, y, color="0.3", linewidth=2)
    points = ax.scatter(*plane.transform(joined[used]).T, c=t[used], s=20)
    ax.set(xlabel="first component of the latents", ylabel="second component")
    above.colorbar(points, ax=ax, label="maturity t, found without ages")
    length = np.r_[0, np.hypot(np.diff(x), np.diff(y)).cumsum()]
    places = np.interp(np.linspace(0.04, 0.96, 6) * length[-1], length, grid)
    shown = [np.argmin(np.abs(t - place)) for place in places]
    for number, (ax, i) in enumerate(
        zip(below.subplots(1, 6), shown, strict=True), start=1
    ):
        at = np.argmin(np.abs(grid - t[i]))
        above.axes[0].annotate(
            str(number),
            (x[at], y[at]),
            ha="center",
            va="center",
            bbox={"boxstyle": "circle", "facecolor": "white", "edgecolor": "0.3"},
        )
        _show(ax, _many().data[i], f"{number}: t = {t[i]:.2f}")
    return figure


def naming():
    """Draw months by two known ages and by many, against the truth."""
    model, drawn, new = _agreement(), _many(), _new()
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.8), layout="constrained")
    for ax, n in zip(axes, (2, 16, 200), strict=True):
        few = model.suggest(drawn.data, n) if n < 200 else np.arange(200)
        model.name_clusters(drawn.data[few], drawn.target[few], sex=drawn.sex[few])
        displays.PredictedAgeDisplay.from_estimator(
            model, new.data, new.target, sex=new.sex, ax=ax
        )
        error = np.nanmean(
            np.abs(model.predict_age(new.data, sex=new.sex) - new.target)
        )
        ax.set_title(f"{n} known ages: mean error {error:.0f} months", fontsize=10)
        ax.get_legend().remove()
    return figure


def key_region_display():
    """Draw what a model takes from a film."""
    display = KeyRegionDisplay.from_estimator(_named(), _new().data[0], name="film 0")
    return _sized(display.figure_, 4.5, 5.5)


def region_age_display():
    """Draw which regions of a film are ahead, and which behind."""
    i = _most_uneven()
    display = displays.RegionAgeDisplay.from_estimator(
        _named(), _new().data[i], sex=_new().sex[i], name="film 7"
    )
    return display.figure_


def film_sheet_display():
    """Draw the carpus of the films nearest to the centres of some clusters."""
    model = _named()
    display = FilmSheetDisplay.from_estimator(
        model, _many().data, region="carpus", n_films=6, clusters=[0, 3, 6, 9]
    )
    return display.figure_


def cluster_composition_display():
    """Draw what each cluster holds, as in the paper's Table 1."""
    display = displays.ClusterCompositionDisplay.from_estimator(
        _named(), _many().data, _many().target
    )
    return display.figure_


def latent_map_display():
    """Draw a t-SNE map of the latents."""
    model = _named()
    latents = model.examine(_many().data).region_latents
    display = displays.LatentMapDisplay.from_predictions(latents, _many().target)
    return display.figure_


def accuracy_display():
    """Draw accuracy and chance against the number of clusters."""
    display = displays.AccuracyDisplay.from_estimator(
        _named(), _many().data, _many().target, n_clusters=[2, 4, 8, 16, 32, 64]
    )
    return display.figure_


def predicted_age_display():
    """Draw predicted against true ages of films that the model has not learned from."""
    display = displays.PredictedAgeDisplay.from_estimator(
        _named(), _new().data, _new().target, sex=_new().sex
    )
    return display.figure_


def own_films():
    """Draw the least certain landmarks of a collection, to look at."""
    hands = _new().data[:30].copy()
    hands[3, 280:] = 190  # two films that something covers
    hands[11, :170] = 20
    display = FilmSheetDisplay.from_landmarks(
        hands, landmarker=HandLandmarker(), n_films=12, n_columns=6
    )
    return display.figure_


def robustness():
    """Draw films that are set aside, with the reason, beside one that is not."""
    good = _new().data[1]
    small = good[::20, ::20]
    noise = np.random.default_rng(0).integers(0, 256, good.shape).astype(np.uint8)
    colour = np.stack([good, good // 2, 255 - good], axis=2)
    given = [good, noise, np.zeros_like(good), colour, small]
    extractor = KeyRegionExtractor(["carpus"], on_error="skip").fit(given)
    figure, axes = plt.subplots(1, 5, figsize=(11, 3.3), layout="constrained")
    for ax, film, reason in zip(axes, given, extractor.reasons_, strict=True):
        _show(
            ax,
            film,
            textwrap.fill("used" if reason is None else f"set aside: {reason}", 24),
        )
    return figure


def searching():
    """Draw the held-out accuracy of region subsets by a forward search."""
    drawn = _many()
    candidates = ["thumb_ip", "index_mcp", "middle_pip", "radius", "ulna", "carpus"]
    search = RegionSubsetSearchCV(
        BoneAgeClusterer(
            candidates,
            landmarker=_draw_table(),
            encoder=PCA(8),
            crop_shape=(32, 32),
            random_state=0,
            memory=CACHE,
        ),
        n_clusters=(8, 16),
        random_state=0,
    ).fit(drawn.data, drawn.target)
    sizes = np.array(search.cv_results_["n_regions"])
    scores = np.array(search.cv_results_["mean_test_score"])
    figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    ax.plot(sizes, scores, ".", color="0.6", label="candidates")
    best = [scores[sizes == size].max() for size in np.unique(sizes)]
    ax.plot(np.unique(sizes), best, "o-", color=BLUE, label="best of each size")
    ax.axhline(
        search.largest_class_, color="0.4", linestyle="--", label="largest class"
    )
    ax.set(xlabel="number of regions", ylabel="held-out accuracy", ylim=(0, 1))
    ax.legend(frameon=False, loc="lower right")
    return figure


def running():
    """Draw what is computed after a change of the model, and what is cached."""
    steps = ["landmarks", "crops", "encoders", "latents", "clusters"]
    changes = {
        "the first fit": 0,
        "other crop size": 1,
        "other encoder": 2,
        "more films": None,
        "fewer regions": 4,
        "other n_clusters": 4,
        "ages, sex, n_jobs": 4,
    }
    figure, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
    for row, first in enumerate(changes.values()):
        for column in range(5):
            added = first is None and column < 2
            fresh = "of added films" if added else "computed"
            known = first is not None and column < first
            ax.barh(
                row,
                0.94,
                left=column,
                height=0.82,
                color="0.88" if known else BLUE,
            )
            ax.text(
                column + 0.47,
                row,
                "from the cache" if known else fresh,
                ha="center",
                va="center",
                color="0.25" if known else "white",
                fontsize=8,
            )
    ax.set_xticks(np.arange(5) + 0.47, steps)
    ax.set_yticks(range(len(changes)), changes)
    ax.invert_yaxis()
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return figure


def report():
    """Show the head of a report, as a browser shows it."""
    path = CACHE / "report.html"
    model, new = _named(), _new()
    write_report(model, new.data, new.target, sex=new.sex, path=path)
    return _photograph(path, 1000, 1500)


def sheet():
    """Show the sheet on one film, as a browser shows it."""
    path = CACHE / "sheet.html"
    i = _most_uneven()
    write_sheet(_named(), _new().data[i], sex=_new().sex[i], path=path)
    return _photograph(path, 840, 1180)


PICTURES = [
    films,
    landmarks,
    regions,
    preprocessing,
    encoders,
    maturity,
    naming,
    key_region_display,
    region_age_display,
    film_sheet_display,
    cluster_composition_display,
    latent_map_display,
    accuracy_display,
    predicted_age_display,
    report,
    sheet,
    searching,
    running,
    robustness,
    own_films,
    house,
]


def _draw_hands(n, **how):
    how = {"right_hand_share": 0, "noise": 0, "random_state": 0} | how
    return make_hand_radiographs(n, **how)


@cache
def _many():
    """Films to learn from."""
    return make_hand_radiographs(200, random_state=0)


@cache
def _new():
    """Held-out films."""
    return make_hand_radiographs(60, random_state=1)


def _draw_table():
    return LandmarkTable.from_films(_many().data, _many().landmarks)


@cache
def _agreement():
    """Fit a model of the drawn films, without an age."""
    model = BoneAgeClusterer(
        n_clusters=10,
        method="agreement",
        encoder=HOGComponents(remainder=True),  # the default, without months of its own
        memory=CACHE,
        n_jobs=2,
        random_state=0,
    )
    return model.fit(_many().data)


def _named():
    many = _many()
    return _agreement().name_clusters(many.data, many.target, sex=many.sex)


@cache
def _most_uneven():
    """Find the new film whose regions differ most, of those that have all."""
    ages = _named().predict_region_age(_new().data, sex=_new().sex)
    return int(np.nanargmax(np.where(np.isnan(ages).any(axis=1), np.nan, ages.std(1))))


def _preprocess(crops, names, **how):
    return RegionPreprocessor(regions=names, **how).fit_transform(crops)


def _show(ax, image, title):
    ax.imshow(image, cmap="gray")
    ax.set_title(title, fontsize=9)
    ax.set_axis_off()


def _show_crops(rows, titles):
    """Draw rows of crops of 64 x 64 pixels under each other."""
    shape = len(rows), len(titles)
    figure, axes = plt.subplots(
        *shape, figsize=(1.35 * shape[1] + 1, 1.4 * shape[0]), layout="constrained"
    )
    for line, (name, crops) in zip(axes, rows.items(), strict=True):
        for ax, crop in zip(line, crops.reshape(-1, 64, 64), strict=True):
            ax.imshow(crop, cmap="gray", vmin=0, vmax=255)
            ax.set(xticks=[], yticks=[])
        line[0].set_ylabel(name)
    for ax, title in zip(axes[0], titles, strict=True):
        ax.set_title(title, fontsize=10)
    return figure


def _sized(figure, width, height):
    figure.set_size_inches(width, height)
    return figure


def _photograph(page, width, height):
    """Take what a browser shows of a page."""
    picture = page.with_suffix(".png")
    subprocess.run(
        [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--hide-scrollbars",
            f"--window-size={width},{height}",
            f"--screenshot={picture}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
    )
    return Image.open(picture)


def _save(picture, name):
    path = FOLDER / f"{name}.png"
    if not isinstance(picture, Image.Image):
        picture.savefig(path, dpi=100)
        plt.close("all")
        picture = Image.open(path)
    picture = picture.convert("RGB")
    picture.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        small = picture.quantize(N_COLOURS, Image.Quantize.FASTOCTREE)
        small.save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    CACHE.mkdir(exist_ok=True)
    warnings.simplefilter("ignore")  # of films that pictures mean to be set aside
    chosen = sys.argv[1:]
    for draw in PICTURES:
        if not chosen or draw.__name__ in chosen:
            _save(draw(), draw.__name__)
