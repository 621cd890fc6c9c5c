"""Errors of HandLandmarker on annotated films: the source of docs/results.md.

    python tests/benchmarks/landmarks.py FILMS --keypoints CSV --boxes CSV --ages CSV

Keypoints: columns id, keypoint, x, y; wrist, thumb1-4 (CMC, MCP, IP, tip) and four
points (MCP, PIP, DIP, tip) of each finger. Boxes: id, region, xmin, ymin, xmax, ymax;
DIP, PIP, MCP, Radius, Ulna, Wrist. The annotations are for measuring alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from sklearn_baccaec import HandLandmarker
from sklearn_baccaec.regions import KEY_REGIONS
from sklearn_baccaec.regions.landmarking._augmentation import draw_finder_sample
from sklearn_baccaec.regions.landmarking._film_views import reduce_film

FINGERS = ("forefinger", "middle_finger", "ring_finger", "pinky_finger")
FINGER_JOINTS = slice(0, 14)
CMC = KEY_REGIONS.index("thumb_cmc")
ANGLES = (20, 65, 110, 155, 200, 245, 290, 335)  # degrees
GROSS, CLOSE = 10.0, 5.0  # % of hand length
YOUNG = 72  # months
SPOILED = (448, 448)
BOX_REGIONS = {
    "DIP": ("index_dip", "middle_dip", "ring_dip", "little_dip"),
    "PIP": ("thumb_ip", "index_pip", "middle_pip", "ring_pip", "little_pip"),
    "MCP": ("thumb_mcp", "index_mcp", "middle_mcp", "ring_mcp", "little_mcp"),
    "Radius": ("radius",),
    "Ulna": ("ulna",),
    "Wrist": ("carpus",),
}

Variant = tuple[np.ndarray, np.ndarray, bool]  # film, matrix (2, 3), mirrored


def read_keypoints(path: Path) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Ids, landmarks (n, 19, 2) with NaN where not annotated, hand lengths, right."""
    table = pd.read_csv(path, dtype={"id": str})
    points = table.set_index(["id", "keypoint"])[["x", "y"]]
    ids = list(dict.fromkeys(table["id"]))
    landmarks = np.full((len(ids), len(KEY_REGIONS), 2), np.nan)
    lengths, right = np.empty(len(ids)), np.empty(len(ids), bool)
    for i, film in enumerate(ids):
        own = points.loc[film]
        names = ["thumb3", "thumb2"]
        names += [f"{finger}{joint}" for finger in FINGERS for joint in (3, 2, 1)]
        landmarks[i, FINGER_JOINTS] = own.loc[names]
        landmarks[i, CMC] = own.loc["thumb1"]
        wrist, tip = own.loc["wrist"].to_numpy(), own.loc["middle_finger4"].to_numpy()
        lengths[i] = np.linalg.norm(tip - wrist)
        along, across = tip - wrist, own.loc["thumb3"].to_numpy() - wrist
        right[i] = along[0] * across[1] - along[1] * across[0] < 0
    return ids, landmarks, lengths, right


def turn(film: np.ndarray, angle: float) -> Variant:
    height, width = film.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = (int(width * cos + height * sin), int(width * sin + height * cos))
    matrix[:, 2] += ((size[0] - width) / 2, (size[1] - height) / 2)
    return cv2.warpAffine(film, matrix, size), matrix, False


def mirror(film: np.ndarray) -> Variant:
    matrix = np.array([[-1.0, 0, film.shape[1] - 1], [0, 1, 0]])
    return np.ascontiguousarray(film[:, ::-1]), matrix, True


def scale(film: np.ndarray, side: int) -> Variant:
    factor = side / max(film.shape)
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(film, None, fx=factor, fy=factor, interpolation=how)
    shift = factor / 2 - 0.5
    return scaled, np.array([[factor, 0, shift], [0, factor, shift]]), False


IDENTITY = np.eye(2, 3)
VARIANTS: dict[str, Callable[[np.ndarray], Variant]] = {
    "as they are": lambda film: (film, IDENTITY, False),
    **{
        f"turned by {angle}": lambda film, angle=angle: turn(film, angle)
        for angle in ANGLES
    },
    "mirrored": mirror,
    "inverted": lambda film: (255 - film, IDENTITY, False),
    "300 pixels": lambda film: scale(film, 300),
    "3000 pixels": lambda film: scale(film, 3000),
}


def check_variant(
    films: list[np.ndarray],
    truth: tuple[np.ndarray, np.ndarray, np.ndarray],
    vary: Callable[[np.ndarray], Variant],
    landmarker: HandLandmarker,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Errors (n, 19) in % of hand length, confidence and whether the side is right."""
    landmarks, lengths, right = truth
    varied = [vary(film) for film in films]
    located = landmarker.locate([film for film, _, _ in varied])
    errors, sides = np.empty(landmarks.shape[:2]), np.empty(len(films), bool)
    for i, (_, matrix, mirrored) in enumerate(varied):
        wanted = landmarks[i] @ matrix[:, :2].T + matrix[:, 2]
        length = lengths[i] * np.sqrt(abs(np.linalg.det(matrix[:, :2])))
        distances = np.linalg.norm(located.landmarks[i, :, :2] - wanted, axis=1)
        errors[i] = 100 * distances / length
        sides[i] = located.handedness[i] == "LR"[int(right[i] ^ mirrored)]
    refused = np.isnan(located.landmarks[:, 0, 0])
    errors[refused] = np.where(np.isnan(landmarks[refused, :, 0]), np.nan, 100.0)
    return errors, located.confidence, sides


def check_spoiled(
    films: list[np.ndarray],
    truth: tuple[np.ndarray, np.ndarray, np.ndarray],
    landmarker: HandLandmarker,
    n_draws: int = 10,
) -> pd.DataFrame:
    """Films spoiled as in training: turned, cut, overlaid, or no hand at all.

    Prints how many gross failures the least certain films hold, and returns, by range
    of confidence, how many landmarks there are and the share within 5%.
    """
    reduced = [reduce_film(film.astype(np.float32)) for film in films]
    rng = np.random.default_rng(0)
    confidence, right, worst, mean = [], [], [], []
    for _ in range(n_draws):
        for (film, scale), points, length in zip(reduced, *truth[:2], strict=True):
            points = (points + 0.5) * scale - 0.5
            others = [film for film, _ in reduced]
            image, moved = draw_finder_sample(film, points, others, rng, SPOILED)
            located = landmarker.predict([image - image.min()])[0]
            annotated = np.isfinite(points[:, 0])
            seen = ((moved > 0) & (moved < SPOILED[0] - 1)).all(axis=1)
            known = np.isfinite(located[:, 0])
            if seen.sum() >= 2:  # the view's scale, from two landmarks far apart
                i, j = np.flatnonzero(seen)[[0, -1]]
                zoom = np.linalg.norm(moved[i] - moved[j])
                zoom /= np.linalg.norm(points[i] - points[j])
            else:
                zoom = 1.0
            unit = length * scale.mean() * zoom
            errors = 100 * np.linalg.norm(located[:, :2] - moved, axis=1) / unit
            errors = np.where(known, errors, 100.0)
            confidence.extend(located[annotated, 2])
            right.extend((seen & (errors < CLOSE))[annotated])
            if seen.sum() == annotated.sum():
                worst.append(errors[annotated].max())
                mean.append(located[:, 2].mean())
    gross, mean = np.array(worst) > GROSS, np.array(mean)
    least = np.argsort(mean)[: round(0.05 * len(mean))]
    print(
        f"\nspoiled films, whole hands: {gross.sum()} of {len(mean)} with an error "
        f"above {GROSS:g}%, {gross[least].sum()} of them among the {len(least)} least "
        "certain"
    )
    table = pd.DataFrame({"confidence": confidence, "right": right})
    ranges = pd.cut(table["confidence"], [-0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 1])
    return table.groupby(ranges, observed=True).agg(["size", "mean"]).round(3)


def check_boxes(folder: Path, path: Path, landmarker: HandLandmarker) -> pd.DataFrame:
    """Errors in % of hand length against the centres of boxes, by kind.

    Boxes of a kind do not say which finger they are of: each is matched to the landmark
    that makes the sum of distances least.
    """
    table = pd.read_csv(path, dtype={"id": str})
    ids = list(dict.fromkeys(table["id"]))
    found = landmarker.predict([folder / f"{film}.png" for film in ids])[..., :2]
    rows = []
    for film, points in zip(ids, found, strict=True):
        named = dict(zip(KEY_REGIONS, points, strict=True))
        length = 1.125 * np.linalg.norm(named["wrist"] - named["middle_dip"])
        own = table[table["id"] == film]
        for kind, regions in BOX_REGIONS.items():
            boxes = own[own["region"] == kind]
            centres = boxes[["xmin", "ymin"]].to_numpy() / 2
            centres = centres + boxes[["xmax", "ymax"]].to_numpy() / 2
            near = np.array([named[region] for region in regions])
            distances = np.linalg.norm(centres[:, None] - near, axis=2)
            for row, column in zip(*linear_sum_assignment(distances), strict=True):
                rows.append((film, kind, 100 * distances[row, column] / length))
    return pd.DataFrame(rows, columns=["id", "kind", "error"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("films", type=Path)
    parser.add_argument("--keypoints", type=Path, required=True)
    parser.add_argument("--boxes", type=Path, required=True)
    parser.add_argument("--ages", type=Path, required=True)
    parser.add_argument("--weights", default="rsna")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    landmarker = HandLandmarker(args.weights, n_jobs=args.jobs)

    ids, *truth = read_keypoints(args.keypoints)
    films = [cv2.imread(str(args.films / f"{film}.png"), 0) for film in ids]
    ages = pd.read_csv(args.ages, dtype={"id": str}).set_index("id")["boneage"]
    young = ages.loc[ids].to_numpy() < YOUNG
    rows, all_errors, all_confidence = {}, [], []
    for name, vary in VARIANTS.items():
        errors, confidence, sides = check_variant(films, truth, vary, landmarker)
        joints = errors[:, FINGER_JOINTS]
        rows[name] = {
            "mean": joints.mean(),
            "median": np.median(joints),
            "% within 5%": 100 * (joints < CLOSE).mean(),
            "films all 14": (joints < CLOSE).all(axis=1).sum(),
            "CMC median": np.median(errors[:, CMC]),
            "young mean": joints[young].mean(),
            "others mean": joints[~young].mean(),
            "% side right": 100 * sides.mean(),
        }
        all_errors.append(joints.max(axis=1))
        all_confidence.append(confidence)
    print(f"{len(ids)} films with keypoints, {young.sum()} under {YOUNG} months")
    print(pd.DataFrame(rows).T.round(2).to_string())

    worst, confidence = np.concatenate(all_errors), np.concatenate(all_confidence)
    gross = worst > GROSS
    least = np.argsort(confidence)[: round(0.05 * len(worst))]
    highest = confidence[least].max()
    print(
        f"\n{gross.sum()} of {len(worst)} films with an error above {GROSS:g}%; "
        f"{gross[least].sum()} of them among the {len(least)} least certain "
        f"(confidence up to {highest:.3f}; median {np.median(confidence):.3f})"
    )

    print(check_spoiled(films, tuple(truth), landmarker).to_string())

    boxes = check_boxes(args.films, args.boxes, landmarker)
    table = boxes.groupby("kind")["error"].agg(["median", "mean", "max"])
    table["% within 5%"] = boxes.groupby("kind")["error"].agg(
        lambda errors: 100 * (errors < CLOSE).mean()
    )
    print(f"\n{boxes['id'].nunique()} films with boxes\n{table.round(2).to_string()}")


if __name__ == "__main__":
    main()
