"""What templates ask beside numbers: which claims, studies and variants there are to speak of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from digitpairs.products.labels import comparison, labels_among, labels_of_claims
from digitpairs.products.report.cells import Files
from digitpairs.search.ranking import read_winners
from digitpairs.study import groups
from digitpairs.study.claims import ACCURACIES, PARAMETERS, SELECTION
from digitpairs.study.schema import Params

AGAINST = ", against "  # in what `comparison` says
FEW = 2  # comparisons of a claim that are told one by one


@dataclass(frozen=True)
class Compared:
    """One comparison that decides a claim: how it is found in claims.csv, and in words."""

    row: dict[str, str]
    words: str

    @property
    def subject(self) -> str:
        """What is compared."""
        return self.words.partition(AGAINST)[0]

    @property
    def object(self) -> str:
        """What it is compared with."""
        return self.words.partition(AGAINST)[2]

    @property
    def is_accuracy(self) -> bool:
        """Whether it is sampled, so that it has a test."""
        return self.row["measure"] in ACCURACIES

    @property
    def unit(self) -> str:
        """What stands after its effect."""
        if self.row["measure"] == PARAMETERS:
            return r"\,\%"
        return " points on the folds" if self.row["measure"] == SELECTION else ""


@dataclass(frozen=True)
class Said:
    """A claim with its number in the report."""

    number: int
    name: str
    says: str
    quote: str
    source: str
    measure: str
    comparisons: Sequence[Compared]

    @property
    def is_short(self) -> bool:
        """Whether its comparisons are told one by one."""
        return len(self.comparisons) <= FEW


@dataclass(frozen=True)
class Facts:
    """What there is to speak of."""

    params: Params
    files: Files

    def has(self, file: str, **row: object) -> bool:
        """Whether a file has such a row."""
        return not self.files.rows(file, row).empty

    def value(self, file: str, column: str, over: str = "", **row: object) -> float:
        """Read a number, to choose words by."""
        return float(self.files.lookup(file, column, row, over)[0])

    def has_text(self, file: str, column: str, **row: object) -> bool:
        """Whether there are such rows, and all have something in a column."""
        found = self.files.rows(file, row)[column]
        return bool(len(found)) and bool((found != "").all())

    def word(self, file: str, column: str, **row: object) -> str:
        """Read a text, to choose words by."""
        return self.files.lookup(file, column, row)[0]

    def each(self, file: str, column: str, **row: object) -> list[str]:
        """List what a column has in such rows, each once."""
        return list(dict.fromkeys(self.files.rows(file, row)[column]))

    def claims(self) -> Iterator[Said]:
        """List the claims that are judged, numbered."""
        claims = self.params.claims
        labels = labels_of_claims(self.params, read_winners(self.params) or {})
        judged = self.each("claims", "claim") if claims else []
        for number, name in enumerate(judged, start=1):
            claim = claims[name]
            rows = self.files.rows("claims", {"claim": name, "decides": "True"})
            keys = ["claim", "variant", "reference", "measure"]
            compared = [
                Compared(
                    {key: row[key] for key in keys},
                    comparison(row["variant"], row["reference"], labels),
                )
                for row in rows.to_dict("records")
            ]
            said = (claim.says, claim.quote, claim.source, claim.measure)
            yield Said(number, name, *said, compared)

    def label(self, variant: str, study: str = "") -> str:
        """Call a variant by its name for people, among those of a study or all default ones."""
        names = self.params.studies[study].variants if study else self.each("summary", "variant")
        return labels_among(self.params, names, read_winners(self.params) or {})[variant]

    def studies(self, *kinds: str, group: str | None = None) -> list[str]:
        """Name the studies of these kinds that are there to show: of a group, or the default."""
        if group and group not in (self.params.shown or []):
            return []
        names = groups.studies_of(self.params, group)
        return [name for name in names if self.params.studies[name].kind in kinds]

    def ladders(self) -> list[str]:
        """Name the ladders that are there to show."""
        return [*groups.ladders(self.params)]

    def title(self, study: str) -> str:
        """Name a study."""
        return self.params.studies[study].title

    def grids(self) -> list[str]:
        """Name the grids of the default search, in the params' order."""
        known = self.each("search", "grid")
        return [grid for grid in self.params.search.grids if grid in known]

    def grids_repeated(self) -> list[str]:
        """Name the grids whose search was made again."""
        return self.each("standings", "grid")

    def kind(self, study: str) -> str:
        """Name what a study is drawn or written as."""
        return self.params.studies[study].kind

    @property
    def by_the_paper(self) -> bool:
        """Whether there are runs by the paper's protocol of what it printed numbers of."""
        return not self.files.frame("paper").empty

    @property
    def is_papers_task(self) -> bool:
        """Whether digits are compared as the paper does, be they fewer."""
        digits, targets = self.each("protocol", "digits"), self.each("protocol", "target")
        return set(digits) <= {"mnist", "embedded"} and targets == ["lesser_or_equal"]

    @property
    def parameters_agree(self) -> bool:
        """Whether all counts of parameters are those that the paper prints."""
        counted = self.files.frame("paper")
        printed = counted[counted["paper_parameters"] != ""]
        return bool((printed["parameters"] == printed["paper_parameters"]).all())

    def configuration(self, variant: str) -> dict[str, Any] | None:
        """Say which row of search.csv has the setting of a variant, if it was tried."""
        keys = ["family", "channels", "hidden", "shared", "options", "aux_weight", "recipe"]
        keys.append("learning_rate")
        own = self.files.rows("evaluation", {"variant": variant})
        if own.empty:
            return None
        row = {key: own.iloc[0][key] for key in keys}
        return {"grid": row["family"], **row} if self.has("search", **row) else None
