"""What the pages say of months: a function for each block."""

from __future__ import annotations

import pandas as pd

from .tables import all_films, held_out, markdown, paragraph, read, share

KNOWN = (0, 4, 16, 32, 128, "all")  # ages, in the held-out table
NOTE = "no age entered a fit; settings chosen on these ages"


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
    own, films = all_films(), f"{all_films()['films']:.0f}"
    rows = [_expected(f"none, the model as it comes, all {films} films*", own)]
    for known, name in ((0, "none*"), (32, "32"), ("all", "all of the other films")):
        rows.append(_expected(f"{name}, held-out films", _medians(held_out(known))))
    without = _medians(held_out("all", sex=False))
    rows.append(_expected("all, held-out films, sex unknown", without))
    guess = own["MAE of the median"], own["largest interval"]
    rows.append(
        {
            **dict.fromkeys(rows[0], ""),
            "known ages": "*always the median age, the largest interval*",
            "mean error, months": f"{guess[0]:.1f}",
            "right 48-month interval": share(guess[1]),
        }
    )
    return f"{markdown(rows)}\n\n\\* {NOTE}."


def _expected(name: str, own: pd.Series) -> dict[str, object]:
    return {
        "known ages": name,
        "mean error, months": f"{own['MAE']:.1f}",
        "right 48-month interval": share(own["right interval"]),
        "age within the 80% range": share(own["in range"]),
    }


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
                "mean error, months": _seeds(own, "MAE", ".1f"),
                "right 48-month interval": _seeds(own, "right interval", ".0%"),
                "within the 80% range": share(own["in range median"]),
                "mean error, sex unknown": _seeds(without, "MAE", ".1f"),
            }
        )
    guess = held_out(0)
    level = (
        f"Always saying the median: {guess['MAE of the median median']:.1f} months; "
        f"always the largest interval: {share(guess['largest interval median'])}."
    )
    return f"{markdown(rows)}\n\n\\* {NOTE}. {level}"


def _seeds(own: pd.Series, figure: str, digits: str) -> str:
    middle, low, high = (
        format(own[f"{figure} {name}"], digits) for name in ("median", "min", "max")
    )
    return f"{middle} ({low.rstrip('%')} to {high.rstrip('%')})"


def as_it_comes() -> str:
    """The pretrained model on all films."""
    own = all_films()
    told = (
        f"**{own['MAE']:.1f} months** of mean absolute error*, "
        f"{share(own['right interval'])} in the right interval of 48 months (the "
        f"largest holds {share(own['largest interval'])}), {share(own['in range'])} "
        f"within the 80% range, a median difference of "
        f"{own['median difference']:+.1f} months."
    )
    return f"{paragraph(told)}\n\n\\* {NOTE}."


def by_sex() -> str:
    """Girls and boys."""
    rows = []
    for sex in ("girls", "boys"):
        own = all_films(sex)
        rows.append(
            {
                "": sex,
                "films": f"{own['films']:.0f}",
                "mean error, months": f"{own['MAE']:.1f}",
                "median difference": f"{own['median difference']:+.1f}",
                "right 48-month interval": share(own["right interval"]),
                "rank correlation with age": f"{own['rank correlation']:.2f}",
            }
        )
    return markdown(rows)


def by_months() -> str:
    """What the error is where so many months are said."""
    table = read("months_all_films").set_index("group")
    rows = [
        {
            "months said": name.removeprefix("said "),
            "films": f"{own['films']:.0f}",
            "mean error, months": f"{own['MAE']:.1f}",
            "within the 80% range": share(own["in range"]),
        }
        for name, own in table.iterrows()
        if name.startswith("said")
    ]
    return markdown(rows)


def reasons() -> str:
    """How often a reason for caution is given, and how rightly."""
    own = read("months_reasons").set_index("group")
    young, unlike = own["very young"], own["unlike"]
    return paragraph(
        f'The reason "very young: only the order is reliable" is given for '
        f"{share(young['below 48'])} of the films below 48 months on the girls' scale "
        f'and for {young["above 72"]:.1%} of those above 72; "unlike the films that '
        f'the model has learned from" for {unlike["all"]:.1%} of all films.'
    )


def regions_alone() -> str:
    """Single regions against the whole hand."""
    own = read("months_by_region")
    return (
        f"A single region errs by {own['MAE'].min():.1f} to {own['MAE'].max():.1f} "
        f"months, the whole hand by {all_films()['MAE']:.1f}."
    )


def offset() -> str:
    """Known ages against an offset."""
    own = read("months_shifted").iloc[0]
    return (
        f"With months put {own['before']:.0f} off on purpose, "
        f"{own['known ages']:.0f} known ages leave an offset of {own['after']:.1f}."
    )
