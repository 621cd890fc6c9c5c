"""What the pages say of months: a function for each block."""

from __future__ import annotations

import pandas as pd

from .tables import all_films, held_out, markdown, paragraph, read, share

KNOWN = (0, 4, 16, 32, 128, "all")  # ages, in the held-out table
ERROR = "mean absolute error, months"


def number() -> str:
    """The one figure of the start page."""
    own = all_films()
    return paragraph(
        f"On {own['films']:.0f} films of the RSNA bone age challenge, whose bone ages "
        f"radiologists have read, its months are **{own['MAE']:.1f} off in the mean** "
        f"(always saying the median: {own['MAE of the median']:.0f}). No age entered a "
        "fit; settings were chosen on these ages."
    )


def expect() -> str:
    """No, few and all ages, in short."""
    own = all_films()
    every = f"{held_out('all')['known ages']:.0f}"
    rows = [_expected(f"all {own['films']:.0f}, the model as it comes", "none*", own)]
    for known, name in ((0, "none*"), (32, "32"), ("all", every)):
        rows.append(_expected("held out", name, _medians(held_out(known))))
    without = _medians(held_out("all", sex=False))
    rows.append(_expected("held out, sex unknown", every, without))
    return f"{markdown(rows)}\n\n{_note(own)}"


def _expected(films: str, known: str, own: pd.Series) -> dict[str, object]:
    return {
        "films": films,
        "known ages": known,
        ERROR: f"{own['MAE']:.1f}",
        "right 48-month interval": share(own["right interval"]),
        "age within the 80% range": share(own["in range"]),
    }


def _note(own: pd.Series) -> str:
    """How the figures without a label came about, and what all compare with."""
    guess, largest = own["MAE of the median"], own["largest interval"]
    return paragraph(
        "\\* No age entered a fit; settings were chosen on these ages. Always saying "
        f"the median age would err by {guess:.1f} months, always saying the largest "
        f"interval would be right in {share(largest)}."
    )


def _medians(own: pd.Series) -> pd.Series:
    """Without what the seeds differ by."""
    return own.rename(lambda name: name.removesuffix(" median"))


def known_ages() -> str:
    """Held-out figures for every number of known ages, with and without sex."""
    rows = []
    for known in KNOWN:
        own, without = held_out(known), held_out(known, sex=False)
        number = {0: "none*"}.get(known, known)
        if known == "all":
            number = f"all {own['known ages']:.0f}"
        rows.append(
            {
                "known ages": number,
                ERROR: _seeds(own, "MAE", ".1f"),
                "right 48-month interval": _seeds(own, "right interval", ".0%"),
                "within the 80% range": share(own["in range median"]),
                "error, sex unknown": _seeds(without, "MAE", ".1f"),
            }
        )
    return f"{markdown(rows)}\n\n{_note(_medians(held_out(0)))}"


def _seeds(own: pd.Series, figure: str, digits: str) -> str:
    middle, low, high = (
        format(own[f"{figure} {name}"], digits) for name in ("median", "min", "max")
    )
    return f"{middle} ({low.rstrip('%')} to {high.rstrip('%')})"


def as_it_comes() -> str:
    """The pretrained model on all films, girls and boys."""
    rows = []
    for group in ("all", "girls", "boys"):
        own = all_films(group)
        order = own["rank correlation"]
        rows.append(
            {
                "": f"{group}*",
                "films": f"{own['films']:.0f}",
                ERROR: f"{own['MAE']:.1f}",
                "median difference": f"{own['median difference']:+.1f}",
                "right 48-month interval": share(own["right interval"]),
                "within the 80% range": share(own["in range"]),
                "rank correlation with age": "" if pd.isna(order) else f"{order:.2f}",
            }
        )
    return f"{markdown(rows)}\n\n{_note(all_films())}"


def by_months() -> str:
    """What the error is where so many months are said."""
    table = read("months_all_films").set_index("group")
    rows = [
        {
            "months said": name.removeprefix("said "),
            "films": f"{own['films']:.0f}",
            ERROR: f"{own['MAE']:.1f}",
            "within the 80% range": share(own["in range"]),
        }
        for name, own in table.iterrows()
        if name.startswith("said")
    ]
    return markdown(rows)


def reasons() -> str:
    """How often a reason for caution is given, and how rightly; regions alone."""
    own = read("months_reasons").set_index("group")
    young, unlike = own["very young"], own["unlike"]
    alone = read("months_by_region")["MAE"]
    bones = read("months_by_bone").set_index("bone")["median ahead of the others"]
    least, most = bones.idxmin(), bones.idxmax()
    return paragraph(
        f'The reason "very young: only the order is reliable" is given for '
        f"{share(young['below 48'])} of the films below 48 months on the girls' scale "
        f'and for {young["above 72"]:.1%} of those above 72; "unlike the films that '
        f'the model has learned from" for {unlike["all"]:.1%} of all films. A single '
        f"region errs by {alone.min():.1f} to {alone.max():.1f} months. Drawn hands "
        "give one kind of bone other months than the rest, as is seen without ages: "
        f"from {bones[least]:+.0f} ({_bone(least)}) to {bones[most]:+.0f} "
        f"({_bone(most)}) in the median."
    )


def _bone(name: str) -> str:
    return name.replace("thumb_cmc", "thumb CMC")


def offset() -> str:
    """Known ages against an offset."""
    own = read("months_shifted").iloc[0]
    return (
        f"With months put {own['before']:.0f} off on purpose, "
        f"{own['known ages']:.0f} known ages leave an offset of {own['after']:.1f}."
    )
