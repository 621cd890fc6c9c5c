"""The commands about known ages: suggest, name and score."""

import argparse
from typing import Any

import numpy as np
import pandas as pd

from ._errors import print_errors
from ._inputs import find_known, load_films, open_model
from ._output import check_output_file, print_written, say, write_table


def suggest(args: argparse.Namespace) -> None:
    check_output_file(args.output)
    model = _open(args)
    data = load_films(args, args.films, args.ages)
    ages = None if args.ages is None else data.target
    chosen = data.ids[model.suggest(data.data, args.number, ages)]
    say("Films whose ages would tell most, in this order:")
    for name in chosen:
        say(f"  {name}")
    write_table(pd.DataFrame({"id": chosen, "boneage": np.nan}), args.output)
    print_written(args.output.parent, [args.output.name])
    say("Fill in their ages (months), and give them to 'name' or 'assess --calibrate'.")


def name(args: argparse.Namespace) -> None:
    from .. import save_model

    check_output_file(args.output)
    model = _open(args)
    data = load_films(args, args.films, args.ages, args.sexes)
    known = find_known(data.target, args.ages)
    model.name_clusters(data.data[known], data.target[known], sex=data.sex[known])
    say(f"Ages come from {model.named_clusterer_.age_source_}.")
    save_model(model.set_params(verbose=0), args.output)
    print_written(args.output.parent, [args.output.name])


def score(args: argparse.Namespace) -> None:
    from .._clusterer._examination import examine_films
    from .._clusterer._tables import assign_films

    model = _open(args)
    data = load_films(args, args.films, args.ages, args.sexes)
    named = model.named_clusterer_
    if named.age_source_ is None:
        raise ValueError(f"{args.model} knows no ages: give some by 'name'")
    examined = examine_films(model, data.data, keep_crops=False)
    table = assign_films(named, examined, data.sex)
    say(f"Ages come from {named.age_source_}.")
    print_errors(table, data.target, examined.seen, named.edges_)


def _open(args: argparse.Namespace) -> Any:
    model = open_model(args.model)
    return model.set_params(on_error="skip", n_jobs=args.jobs, verbose=1)
