"""Fills the templates of the report (workflow/report): numbers, tables, figures are from files."""

from pathlib import Path
from typing import Any

import yaml
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)

from digitpairs import paths
from digitpairs.digits.source import known_source
from digitpairs.errors import UserError
from digitpairs.files import write_text
from digitpairs.products.numbers.verdicts import RULE, VERDICTS
from digitpairs.products.report.escape import Tex, escaped
from digitpairs.products.report.facts import Facts
from digitpairs.products.report.parts import Parts
from digitpairs.products.report.printed import Printed
from digitpairs.products.report.words import Words
from digitpairs.study.schema import Params

MAIN = "report.tex"


def make_source(params: Params) -> None:
    """Write the report's LaTeX, and where each number in it comes from."""
    printed = Printed()
    text = filled(params, printed, paths.TEMPLATES)
    write_text(Path(paths.REPORT_SOURCE), text)
    write_text(Path(paths.REPORT_NUMBERS), printed.as_csv())


def filled(params: Params, printed: Printed, templates: Path) -> str:
    """Fill the templates of a folder. Raises UserError for what they need and is not there."""
    try:
        template = environment(templates).get_template(MAIN)
        text = template.render(context(params, printed))
    except TemplateSyntaxError as error:
        raise UserError(f"{error.filename}, line {error.lineno}: {error.message}") from None
    except TemplateError as error:
        raise UserError(f"{place_of(error, templates)}: {error}") from None
    return "\n".join(line.rstrip() for line in text.splitlines()).strip() + "\n"


def environment(templates: Path) -> Environment:
    """Delimiters that LaTeX has no use for; a name that is not known is an error."""
    return Environment(
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        autoescape=False,
        finalize=escaped,
        loader=FileSystemLoader(templates),
    )


def context(params: Params, printed: Printed) -> dict[str, Any]:
    """What templates may ask for."""
    facts, parts = Facts(params, printed.files), Parts()
    words, said = Words(facts, printed), about(paths.CITATION)
    return {
        **printed.forms(),
        **words.functions(),
        **said,
        "title": title(said, facts),
        "best": most_accurate(facts),
        "seeds_of_claims": words.seeds_of_claims() if params.claims else "",
        "tex": Tex,
        "escape": escaped,
        "paths": paths,
        "facts": facts,
        "claims": list(facts.claims()),
        "figure": parts.figure,
        "verdicts": VERDICTS,
        "rule": RULE,
        "note": known_source().note,
        "costs": paths.COSTS if Path(paths.COSTS).is_file() else None,
        "figures": parts.figures,
        "metric_tables": metric_tables(facts),
    }


def metric_tables(facts: Facts) -> list[tuple[str, str]]:
    """List the files of metrics that tables of the report are made from, with their labels."""
    compared = facts.studies("differences", group="audit")
    listed = [
        ("paper.csv", "paper" if facts.by_the_paper else ""),
        *(("groups.csv", name) for name in compared),
        *(("ladder.csv", name) for name in facts.ladders()),
        ("search.csv", "search"),
        ("standings.csv", "standings" if facts.grids_repeated() else ""),
        ("claims.csv", "claims" if facts.params.claims else ""),
        ("summary.csv", "variants"),
    ]
    return [(name, label) for name, label in listed if label]


def title(said: dict[str, Any], facts: Facts) -> str:
    """Title the report: a reproduction, where it is one."""
    if facts.by_the_paper:
        return f"A reproduction of “{said['study']['title'].rpartition(' - ')[2]}”"
    return f"{said['project']}: a report of runs"


def most_accurate(facts: Facts) -> str:
    """Name the variant of the highest mean final accuracy; nothing where all diverged."""
    known = [
        name
        for name in facts.each("summary", "variant")
        if facts.has_text("summary", "final_mean", variant=name)
    ]
    means = {name: facts.value("summary", "final_mean", variant=name) for name in known}
    return max(known, key=lambda name: means[name], default="")


def about(citation: Path) -> dict[str, Any]:
    """Read who wrote this project, and which study it re-runs."""
    content = yaml.safe_load(citation.read_text(encoding="utf-8"))
    study = content["references"][0]
    return {
        "project": content["title"],
        "version": content["version"],
        "authors": list(map(name_of, content["authors"])),
        "study": {
            "title": study["title"],
            "authors": list(map(name_of, study["authors"])),
            "institution": study["institution"]["name"],
            "year": study["year"],
            "url": study["url"],
            "notes": study["notes"],
        },
    }


def name_of(person: dict[str, str]) -> str:
    """Name an author."""
    return person.get("name") or f"{person['given-names']} {person['family-names']}"


def place_of(error: Exception, templates: Path) -> str:
    """Name the template, and its line, that an error comes from."""
    place, trace = str(templates), error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.parent == templates:
            place = f"{file}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
