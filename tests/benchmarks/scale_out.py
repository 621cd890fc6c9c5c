"""Time and memory of large collections: for docs/performance.md.

    OMP_NUM_THREADS=1 python tests/benchmarks/scale_out.py WHAT [--source FOLDER]

films     peak memory of `fit` by number and size of the films and by n_jobs
features  peak memory behind the extraction by the number of films (random crops)
time      of each step in seconds of one core (CPU time: neighbours hardly matter)

``--source`` is a folder of PNG films; without it they are drawn. They are enlarged to
what the table says and repeated as often as needed: without a cache each is read anew.
Peaks are those of fresh processes, by Linux's count (VmHWM).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from sklearn.cluster import KMeans

from sklearn_baccaec import (
    CCAEC,
    BoneAgeClusterer,
    HandLandmarker,
    HOGComponents,
    KeyRegionExtractor,
    LandmarkTable,
    MaturityCurve,
    RegionEncoder,
    RegionPreprocessor,
)
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.regions import KEY_REGIONS, PAPER_REGIONS

RSNA_FILMS = 12_611
MEGAPIXELS = (0.5, 2, 8)
N_FILES = 10
CROP = 64 * 64  # pixels


def write_films(folder: Path, source: Path | None, megapixels: float) -> list[Path]:
    """Some films of that size, and a table of their landmarks."""
    if source is None:
        drawn = make_hand_radiographs(N_FILES, film_shape=(800, 640), random_state=0)
        films = list(drawn.data)
    else:
        paths = sorted(source.glob("*.png"))
        chosen = np.linspace(0, len(paths) - 1, N_FILES).astype(int)
        films = [cv2.imread(str(paths[i]), cv2.IMREAD_UNCHANGED) for i in chosen]
    written, rows = [], []
    landmarks = HandLandmarker().predict(films)
    for i, film in enumerate(films):
        zoom = (megapixels * 1e6 / film.size) ** 0.5
        path = folder / f"{megapixels}-{i}.png"
        cv2.imwrite(str(path), cv2.resize(film, None, fx=zoom, fy=zoom))
        written.append(path)
        rows += [
            (path.stem, region, x * zoom, y * zoom, confidence)
            for region, (x, y, confidence) in zip(
                KEY_REGIONS, landmarks[i], strict=True
            )
        ]
    pd.DataFrame(rows, columns=["id", "region", "x", "y", "confidence"]).to_csv(
        folder / f"{megapixels}.csv", index=False
    )
    return written


def print_row(*cells: object) -> None:
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def peak_of_child(*args: object) -> str:
    """Peak of a fresh process of this script, MB over what its imports take."""
    command = [sys.executable, __file__, *map(str, args)]
    return subprocess.run(
        command, capture_output=True, text=True, check=True
    ).stdout.strip()


def print_peak(work: Callable[[], object]) -> None:
    before = resident_peak()
    work()
    print(f"{resident_peak() - before:.0f}")


def resident_peak() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def compare_films(folder: Path, source: Path | None) -> None:
    print_row("landmarker", "n_jobs", "films", *(f"{m} MP, MB" for m in MEGAPIXELS))
    for megapixels in MEGAPIXELS:
        write_films(folder, source, megapixels)
    for landmarker in ("networks", "table"):
        for n_jobs in (1, 2):
            for n_films in (50, 100, 200):
                what = folder, landmarker, n_jobs, n_films
                peaks = [peak_of_child("fit", *what, m) for m in MEGAPIXELS]
                print_row(landmarker, n_jobs, n_films, *peaks)


def fit_films(
    folder: str, landmarker: str, n_jobs: str, n_films: str, megapixels: str
) -> None:
    """Fit the paper's method, hardly trained, to as many films."""
    files = sorted(Path(folder).glob(f"{megapixels}-*.png"))
    table = Path(folder) / f"{megapixels}.csv"
    BoneAgeClusterer(
        landmarker=LandmarkTable(table) if landmarker == "table" else None,
        encoder=CCAEC(max_steps=2),
        on_error="skip",
        n_jobs=int(n_jobs),
        random_state=0,
    ).fit([files[i % len(files)] for i in range(int(n_films))])


def compare_features(numbers: list[int]) -> None:
    print_row("films", "method", "n_jobs", "MB")
    for method, n_jobs in (("ccaec", 1), ("ccaec", 2), ("agreement", 1)):
        for n_films in numbers:
            peak = peak_of_child("encode", method, n_jobs, n_films)
            print_row(n_films, method, n_jobs, peak)


def encode_crops(method: str, n_jobs: str, n_films: str) -> None:
    """All steps after the extraction, hardly trained, on random crops."""
    regions = PAPER_REGIONS if method == "ccaec" else KEY_REGIONS
    shape = int(n_films), len(regions) * CROP
    crops = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    if method == "ccaec":
        crops = RegionPreprocessor(regions=regions).fit_transform(crops)
        encoder = RegionEncoder(
            CCAEC(max_steps=2), regions=regions, n_jobs=int(n_jobs), random_state=0
        )
        latents = encoder.fit_transform(crops)
    else:
        encoder = RegionEncoder(
            HOGComponents(remainder=True), regions=regions, random_state=0
        )
        latents = MaturityCurve(regions=regions, random_state=0).fit_transform(
            encoder.fit_transform(crops)
        )
    KMeans(16, random_state=0).fit(latents)


def measure_times(folder: Path, source: Path | None, rounds: int, steps: int) -> None:
    """Median and range of interleaved turns."""
    films = {m: write_films(folder, source, m) for m in MEGAPIXELS}
    tables = {m: LandmarkTable(folder / f"{m}.csv") for m in MEGAPIXELS}
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 256, (200, len(KEY_REGIONS) * CROP), np.uint8)
    latents = rng.standard_normal((RSNA_FILMS, len(PAPER_REGIONS) * 128), np.float32)

    def find(m: float) -> None:
        HandLandmarker().predict(films[m])

    def crop(m: float) -> None:
        KeyRegionExtractor(landmarker=tables[m], on_error="skip").transform(films[m])

    def train_region() -> None:
        CCAEC(max_steps=steps, random_state=0).fit(crops[:, :CROP])

    def fit_agreement() -> None:
        curve.fit_transform(components.fit_transform(crops))

    def place() -> None:
        curve.transform(components.transform(crops))

    def encode() -> None:
        region.transform(crops[:, :CROP])

    def cluster() -> None:
        KMeans(16, n_init=10, random_state=0).fit(latents)

    region = CCAEC(max_steps=2, random_state=0).fit(crops[:, :CROP])
    components = RegionEncoder(HOGComponents(), regions=KEY_REGIONS, random_state=0)
    curve = MaturityCurve(regions=KEY_REGIONS, random_state=0)
    ms_a_film = 1000 / N_FILES
    tasks: dict[str, tuple[Callable[[], None], float]] = {}
    for m in MEGAPIXELS:
        tasks[f"landmarks of a film of {m} MP, ms"] = (lambda m=m: find(m)), ms_a_film
        tasks[f"19 crops of a film of {m} MP, ms"] = (lambda m=m: crop(m)), ms_a_film
    tasks["1,000 steps of a region's CCAEC, s"] = train_region, 1000 / steps
    tasks["agreement of 200 films, 19 regions, s"] = fit_agreement, 1
    tasks["placing of a film, 19 regions, ms"] = place, 1000 / len(crops)
    tasks["encoding of a crop, ms"] = encode, 1000 / len(crops)
    tasks["K-means of 12,611 films, s"] = cluster, 1
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, (work, scale) in tasks.items():
            start = time.process_time()
            work()
            seconds[name].append((time.process_time() - start) * scale)
    print_row("step", "median", "lowest", "highest")
    for name, times in seconds.items():
        cells = np.median(times), min(times), max(times)
        print_row(name, *(f"{cell:.3g}" for cell in cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("films", "features", "time", "fit", "encode"))
    parser.add_argument("args", nargs="*", help="of the processes that are measured")
    parser.add_argument("--source", type=Path, help="folder of PNG films")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=50, help="that are timed")
    parser.add_argument(
        "--numbers", type=int, nargs="+", default=[1000, 4000, RSNA_FILMS]
    )
    args = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        if args.what == "films":
            compare_films(Path(folder), args.source)
        elif args.what == "features":
            compare_features(args.numbers)
        elif args.what == "time":
            measure_times(Path(folder), args.source, args.rounds, args.steps)
        else:
            work = {"fit": fit_films, "encode": encode_crops}[args.what]
            print_peak(lambda: work(*args.args))


if __name__ == "__main__":
    main()
