"""The house in one picture: the layers of the import contract."""

import tomllib
from pathlib import Path

import matplotlib.pyplot as plt

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


def house():
    """Draw the rooms of the package, from the contract that imports go down."""
    contracts = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    figure, ax = plt.subplots(figsize=(8, 6.6), layout="constrained")
    for row, layer in enumerate(layers):
        rooms = layer.split(" | ")
        width = 1 / len(rooms)
        for column, room in enumerate(rooms):
            ax.barh(
                row,
                width - 0.012,
                left=column * width,
                height=0.84,
                color="#dfeaf3" if room.startswith("_") else "#9fc5e0",
                edgecolor="#4c7fa6",
            )
            ax.text((column + 0.5) * width, row, room, ha="center", va="center")
    ax.annotate(
        "imports",
        (1.06, len(layers) - 0.6),
        (1.06, -0.4),
        ha="center",
        va="bottom",
        arrowprops={"arrowstyle": "->", "lw": 1.5, "color": "0.3"},
        annotation_clip=False,
    )
    ax.set_xlim(0, 1.12)
    ax.invert_yaxis()
    ax.set_axis_off()
    return figure
