"""What the pages say of methods, landmarks and speed: a function for each block."""

from __future__ import annotations

from .tables import (
    agreement,
    chance_of_paper,
    markdown,
    median_of,
    paragraph,
    read,
    spread,
)


def methods() -> str:
    """The paper, its encoder here, and agreement, at 16 clusters."""
    paper = read("paper/table_3").set_index("k").loc[16]
    inside, outside = agreement("in-sample"), agreement("held out")
    rows = [
        {
            "16 clusters": "the paper: hand-cut films, regions chosen by labels",
            "in-sample": paper["paper, in-sample"],
            "chance": f"{chance_of_paper():.1%}",
            "held out": "",
            "largest interval": "",
        },
        {
            "16 clusters": "the paper's method here (CCAEC, landmarks found)",
            "in-sample": paper["in-sample"],
            "chance": paper["chance"],
            "held out": paper["held out"],
            "largest interval": paper["largest class"],
        },
    ]
    for name, sex in (("sex unknown", ""), ("sex known", " by sex")):
        rows.append(
            {
                "16 clusters": f"agreement of the regions, {name}",
                "in-sample": spread(inside[f"names{sex}"], ".1%"),
                "chance": f"{inside[f'chance{sex}'].median():.1%}",
                "held out": spread(outside[f"names{sex}"], ".1%"),
                "largest interval": f"{outside['largest class'].median():.1%}",
            }
        )
    return markdown(rows)


def paper() -> str:
    """Its other tables in sentences, and what was tried besides."""
    sets = read("paper/table_2").set_index("regions").map(median_of)
    clusters = read("paper/table_3").set_index("k").map(median_of)
    regions = read("paper/table_4").set_index("region")
    printed = regions.dropna().map(median_of)
    regions = regions.drop(columns=["paper, VAE", "paper, CCAEC"]).map(median_of)
    few, many = clusters.iloc[0], clusters.iloc[-1]
    inside, theirs = sets["in-sample"], sets["paper, in-sample"]
    better = {
        protocol: (regions[f"CCAEC, {protocol}"] > regions[f"VAE, {protocol}"]).sum()
        for protocol in ("in-sample", "held out")
    }
    printed_better = (printed["paper, CCAEC"] > printed["paper, VAE"]).sum()
    told = [
        f"* **Table 2**, sets of regions: {inside.min():.0f} to {inside.max():.0f}% in-"
        f"sample (paper: {theirs.min():.0f} to {theirs.max():.0f}%). The paper's best "
        "set is not the best here.",
        f"* **Table 3**, {few.name} to {many.name} clusters: from "
        f"{few['in-sample']:.0f} to {many['in-sample']:.0f}% in-sample, while the "
        f"chance level rises from {few['chance']:.0f} to {many['chance']:.0f}%; held "
        f"out from {few['held out']:.0f} to {many['held out']:.0f}%. What the paper "
        "calls MAE there cannot be an error in months.",
        "* **Table 4**, single regions: the CCAEC beats the VAE in "
        f"{better['in-sample']} of {len(regions)} regions in-sample and in "
        f"{better['held out']} held out, by less than the seeds differ (paper: "
        f"{printed_better} of {len(printed)}).",
    ]
    return "\n".join(map(paragraph, [*told, *_tried()]))


def _tried() -> list[str]:
    """What does not help."""
    steps = read("training_steps").set_index("steps")["in-sample"].map(median_of)
    search = read("region_search")
    inner, outer, everything = (
        search[name].map(median_of).mean()
        for name in (
            "inner score of the chosen",
            "outer score of the chosen",
            "all 19, k = 16, outer",
        )
    )
    short, long = steps.index[[0, -1]]
    return [
        f"* **Longer training**: {steps[short]:.1f}% in-sample after {short:,} steps "
        f"of a CCAEC, {steps[long]:.1f}% after {long:,}. The loss falls, the clusters "
        "get no better.",
        "* **Choosing regions by labels**: the best of 570 candidates scores "
        f"{inner:.1f}% where it was chosen and {outer:.1f}% on held-out films; all 19 "
        f"regions, {everything:.1f}%.",
    ]


def landmarks() -> str:
    """Errors of HandLandmarker()."""
    joints = read("landmarks_keypoints").set_index("films are").loc["as they are"]
    boxes = read("landmarks_boxes").iloc[0]
    young, others = joints["mean under 72 months / others"].split(" / ")
    errors = {
        "14 finger joints, mean": joints["mean"],
        "under 72 months": young,
        "older": others,
        "thumb CMC, median": joints["CMC, median"],
        **{name.split(" (")[0]: boxes[name] for name in boxes.index[1:4]},
    }
    table = markdown([{name: f"{float(error):.1f}" for name, error in errors.items()}])
    told = (
        f"{joints['joints within 5%']} of the finger joints lie within 5%, and "
        f"{joints['hand right']} of the hands are told left or right correctly, "
        "whatever the film's rotation, side, polarity and size."
    )
    return f"{table}\n\n{paragraph(told)}"


def speed() -> str:
    """A step of training."""
    table = read("speed/training_step")
    names = ["pixels", "batch", "plain, ms", "auto, ms", "plain / auto", "floor, ms"]
    return markdown(table[names].to_dict("records"))


def film_steps() -> str:
    """What a film costs, by its size."""
    return markdown(read("speed/film_steps").to_dict("records"))
