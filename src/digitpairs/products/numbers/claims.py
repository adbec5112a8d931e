"""Judges claims by collected results: a row a claim, comparison and measure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import pandas as pd

from digitpairs.products.numbers import verdicts
from digitpairs.products.numbers.evidence import NAN, Evidence, holm, paired
from digitpairs.runs.collect import per_run
from digitpairs.runs.plan import Winners, settings_of
from digitpairs.search.ranking import ranking, setting_of
from digitpairs.spec import Setting, TrainingChanges, from_text
from digitpairs.study.claims import ACCURACIES, PARAMETERS, SELECTION, Claim, Reference
from digitpairs.study.schema import Params
from digitpairs.study.variants import SELECTED, resolve

COLUMNS = [
    *("claim", "variant", "reference", "measure", "decides"),
    *("direction", "margin", "at_least"),
    *("seeds", "effect", "low", "high", "p", "equivalence_p", "p_holm"),
    *("verdict", "claim_verdict"),
]

Found = dict[str, Evidence]  # by measure


def claims(params: Params, results: pd.DataFrame, winners: Winners) -> pd.DataFrame:
    """Judge all claims of the params by each accuracy; the measure that a claim names decides it.

    `results` are those of all that is compared and, where a claim is of what the search selects,
    the search's folds.
    """
    runs = per_run(results)
    rows: list[dict[str, Any]] = []
    for name, claim in params.claims.items():
        for variant, reference in dict.fromkeys(comparisons(params, claim, winners)):
            found = evidence(params, runs, claim, variant, reference)
            compared = {"claim": name, "variant": variant, "reference": reference}
            said = {key: getattr(claim, key) for key in ("direction", "margin", "at_least")}
            rows += [
                {**compared, "measure": measure, "decides": measure == claim.measure, **said}
                | asdict(of)
                for measure, of in found.items()
            ]
    return judged(params, pd.DataFrame(rows, columns=COLUMNS))


def comparisons(params: Params, claim: Claim, winners: Winners) -> Iterator[tuple[str, Reference]]:
    """List what a claim compares with what. A winner that is a variant goes by that one's name.

    Left out is a winner that is not known, and one that is what it is compared with. A winner that
    is compared beside the variant that it is comes twice.
    """
    for variant, references in claim.compare.items():
        for reference in references:
            if claim.measure == SELECTION:
                yield variant, reference
                continue
            ours, theirs = (result_of(params, one, winners) for one in (variant, reference))
            if isinstance(ours, str) and theirs is not None and ours != theirs:
                yield ours, theirs


def result_of(params: Params, one: Reference, winners: Winners) -> Reference | None:
    """Name whose results a variant has; a number is one itself."""
    if not isinstance(one, str):
        return one
    return next(iter(settings_of(params, [one], winners)), None)


def evidence(
    params: Params, runs: pd.DataFrame, claim: Claim, variant: str, reference: Reference
) -> Found:
    """Find what runs say of one comparison, by each measure that it can be judged by."""
    evaluated, folds = runs[runs["fold"] < 0], runs[runs["fold"] >= 0]
    if claim.measure == PARAMETERS:
        return {PARAMETERS: more_parameters(evaluated, variant, str(reference))}
    if claim.measure == SELECTION:
        setting = replace(resolve(params, variant), training=TrainingChanges())
        return {SELECTION: behind_winner(folds, setting, str(reference))}
    return {
        measure: paired(apart(evaluated, measure, variant, reference), claim.margin)
        for measure in ACCURACIES
    }


def apart(runs: pd.DataFrame, measure: str, variant: str, reference: Reference) -> pd.Series:
    """List the differences of a variant from another, seed by seed, or from a number."""
    by_seed = runs.set_index(["variant", "seed"])[measure].astype(float)
    return by_seed[variant] - (by_seed[reference] if isinstance(reference, str) else reference)


def more_parameters(runs: pd.DataFrame, variant: str, reference: str) -> Evidence:
    """Say by which share of the other's a variant has more parameters."""
    counts = runs.groupby("variant", observed=True)["parameters"].first()
    return exact(counts[variant] / counts[reference] - 1)


def behind_winner(folds: pd.DataFrame, setting: Setting, winner: str) -> Evidence:
    """Say how much more accurate a setting is than its grid's winner, in the mean of the folds.

    So it is zero or less, and missing where the grid does not have the setting.
    """
    ranked = ranking(folds[folds["variant"] == winner.removesuffix(SELECTED)])
    tried = [setting_of(from_text(spec)) == setting for spec in ranked["spec"]]
    effect = ranked["accuracy"][tried].max() - ranked["accuracy"].max()
    return exact(effect)


def exact(effect: float) -> Evidence:
    """What is counted: there is no sample of it."""
    return Evidence(0, float(effect), NAN, NAN, NAN, NAN)


def judged(params: Params, rows: pd.DataFrame) -> pd.DataFrame:
    """Adjust p for all comparisons that are judged by it, and give the verdicts.

    The rows that decide their claims are one family. By another measure, the rows that do not
    decide are a family of their own. So are the claims of each group of studies: what is made
    beside the default changes none of the default's verdicts.
    """
    sampled = rows["measure"].isin(ACCURACIES)
    rows["decides"] = rows["decides"].astype(bool)  # of no row, pandas knows no type
    measures = rows["measure"].where(~rows["decides"], "decides")
    family = [measures, rows["claim"].map(lambda name: params.claims[name].group or "")]
    p = rows["p"].where(rows["direction"] != "equal", rows["equivalence_p"]).astype(float)
    adjusted = p.groupby(family).transform(lambda one: holm(one.to_list()))
    rows = rows.assign(p_holm=adjusted, seeds=rows["seeds"].where(sampled))
    said = [verdict_of(params.claims[row["claim"]], row) for row in rows.to_dict("records")]
    rows = rows.assign(verdict=pd.Series(said, index=rows.index, dtype="object"))
    overall = rows[rows["decides"]].groupby("claim")["verdict"].agg(verdicts.of_all)
    return rows.assign(claim_verdict=rows["claim"].map(overall))[COLUMNS]


def decisive(found: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """List the rows that decide each claim."""
    for name, rows in found[found["decides"].astype(bool)].groupby("claim", sort=False):
        yield str(name), rows


def same_comparison(found: pd.DataFrame, row: Mapping[str, Any]) -> pd.DataFrame:
    """List what each measure says of the comparison of a row."""
    same = (found["claim"] == row["claim"]) & (found["variant"] == row["variant"])
    return found[same & (found["reference"].astype(str) == str(row["reference"]))]


def other_verdicts(found: pd.DataFrame) -> Iterator[tuple[str, dict[str, str]]]:
    """List, by each accuracy, the claims that would have another verdict by it, and which."""
    decided = dict(found.groupby("claim")["claim_verdict"].first())
    for measure in ACCURACIES:
        by_it = found[found["measure"] == measure].groupby("claim", sort=False)["verdict"]
        said = {str(name): str(one) for name, one in by_it.agg(verdicts.of_all).items()}
        others = {name: one for name, one in said.items() if one != decided[name]}
        if others:
            yield measure, others


def verdict_of(claim: Claim, row: dict[str, Any]) -> str:
    """Judge one row by its own measure."""
    match row["measure"]:
        case "parameters":
            return verdicts.counted(claim, row["effect"])
        case "selection":
            return verdicts.selected(row["effect"])
    of = Evidence(**{key: row[key] for key in Evidence.__dataclass_fields__})
    return verdicts.verdict(claim, of, row["p_holm"])
