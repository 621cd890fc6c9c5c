"""Bone age in months, of one film or many: the command assess."""

import argparse
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from ._errors import print_errors
from ._inputs import find_known, find_sexes, load_films, name_films, open_model
from ._landmarks import open_landmarker
from ._output import prepare_output, print_written, say, write_table

_LONGEST = 200  # bytes of the name of a sheet
_BLOCK = 32  # films after which lines are printed
_COLUMNS = """film sex age age_if_girl age_if_boy age_low age_high interval
maturity confidence reason"""


def assess(args: argparse.Namespace) -> None:
    if args.report or args.sheet:
        from ..report._rendering import check_report_support

        check_report_support()  # long before it is needed
    model = open_model(args.model).set_params(on_error=args.on_error, n_jobs=args.jobs)
    data = load_films(args, args.films, args.ages, args.sexes)
    sexes = find_sexes(args, data)
    output = prepare_output(args.output, args.films)
    model.set_params(memory=output / "cache")
    if args.landmarks is not None:
        model.landmarker_ = open_landmarker(args.landmarks)
    if args.calibrate is not None:
        known = load_films(args, args.films, args.calibrate).target
        own = find_known(known, args.calibrate)
        model.name_clusters(data.data[own], known[own], sex=sexes[own])
    if model.named_clusterer_.age_source_ is None:
        raise ValueError(f"{args.model} knows no ages: give some by --calibrate")

    tables, names = [], iter(name_films(data))
    for table in _assess_in_blocks(model, data.data, sexes):
        table["film"] = [next(names) for _ in range(len(table))]
        for film in table.itertuples():
            say(_tell(film))
        tables.append(table)
    assessed = pd.concat(tables, ignore_index=True)
    n_assessed = int(assessed["age"].notna().sum())
    say()
    say(
        f"{n_assessed} of {len(assessed)} films assessed. Months come from "
        f"{model.named_clusterer_.age_source_}. For research only."
    )
    if args.ages is not None:
        seen = assessed["seen"].to_numpy()
        print_errors(assessed, data.target, seen, model.named_clusterer_.edges_)
    _write(assessed, output / "ages.csv")
    written = ["ages.csv"]
    if args.sheet:
        written += _write_sheets(model, data, sexes, assessed, output / "sheets")
    if args.report:
        from ..report import write_report

        ages = None if args.ages is None else data.target
        path = write_report(
            model, data.data, ages, sex=sexes, path=output / "report.html"
        )
        written.append(path.name)
    print_written(output, written)
    if not n_assessed:
        raise ValueError(f"no film could be assessed: {assessed['reason'].iloc[0]}")


def _assess_in_blocks(
    model: Any, films: Any, sexes: np.ndarray
) -> Iterator[pd.DataFrame]:
    """Tables of films; of unknown sex, with the age of a girl and that of a boy."""
    from .._clusterer._examination import examine_films
    from .._clusterer._tables import assign_films

    named = model.named_clusterer_
    for start in range(0, len(films), _BLOCK):
        own = sexes[start : start + _BLOCK]
        examined = examine_films(model, films[start : start + _BLOCK], keep_crops=False)
        table = assign_films(named, examined, own)
        table.insert(1, "sex", own)
        table["seen"] = examined.seen
        unknown = pd.isna(table["sex"])
        for who, sex in (("girl", "F"), ("boy", "M")):
            told = assign_films(named, examined, [sex] * len(own))
            table[f"age_if_{who}"] = told["age"].where(unknown)
            table[f"open_if_{who}"] = np.isinf(told["age_high"])
        yield table


def _tell(film: Any) -> str:
    """One line on a film."""
    if pd.isna(film.age):
        return f"{film.film}: not assessed: {film.reason or 'no age is known'}"
    is_open = np.isinf(film.age_high)
    told = _tell_months(film.age, is_open)
    if pd.isna(film.sex) and film.age_if_girl != film.age_if_boy:
        girl = _tell_months(film.age_if_girl, film.open_if_girl)
        boy = _tell_months(film.age_if_boy, film.open_if_boy)
        told = f"{girl} if a girl, {boy} if a boy"
    ends = f"from {film.age_low:.0f}" if is_open else f"{film.age_low:.0f}-"
    high = "" if is_open else f"{film.age_high:.0f}"
    parts = [told, f"80% range {ends}{high}", f"interval {film.interval}"]
    if "maturity" in film._fields:
        parts.append(f"maturity {film.maturity:.2f}")
    if film.reason is not None:
        parts.append(film.reason)
    return f"{film.film}: {', '.join(parts)}"


def _tell_months(age: float, is_open: bool) -> str:
    return f"{'at least ' if is_open else ''}{age:.0f} months"


def _write(assessed: pd.DataFrame, path: Path) -> None:
    columns = [name for name in _COLUMNS.split() if name in assessed]
    months = [name for name in columns if name.startswith("age")]
    digits = {**dict.fromkeys(months, 1), "maturity": 4, "confidence": 4}
    write_table(assessed[columns].round(digits), path)


def _write_sheets(
    model: Any, data: Bunch, sexes: np.ndarray, assessed: pd.DataFrame, folder: Path
) -> list[str]:
    """Write one page on every film that has an age."""
    from ..report import write_sheet

    written: list[str] = []
    for i in np.flatnonzero(assessed["age"].notna()):
        name = f"{_shorten(data.ids[i])}.html"
        path = folder / name  # films of several folders have these in their ids
        path.parent.mkdir(parents=True, exist_ok=True)
        write_sheet(model, data.data[i], sex=sexes[i], path=path)
        written.append(f"{folder.name}/{name}")
    return written


def _shorten(id_: str) -> str:
    """Id whose last part leaves room for suffixes in the name of a file."""
    name = os.fsencode(id_.rpartition("/")[2])
    if len(name) <= _LONGEST:
        return id_
    digest = hashlib.blake2b(name, digest_size=8).hexdigest()
    return f"{id_.rpartition('/')[2][: _LONGEST // 5]}-{digest}"
