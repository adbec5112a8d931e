"""One Snakemake at work: what it decides while it builds its graph, and what it holds.

A step that is due gets one more input: a mark, newer than what the step made. A step that is not
due takes what is there, however old. Snakemake does the rest.
"""

import os
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from digitpairs import paths
from digitpairs.cluster import orphans
from digitpairs.digits.choice import named_folder, notice
from digitpairs.digits.source import read_source
from digitpairs.errors import UserError, nearest
from digitpairs.files import check_room, set_aside
from digitpairs.pipeline import lock, stamps, steps, targets
from digitpairs.pipeline.claimed import with_results
from digitpairs.pipeline.handover import PARAMS_VARIABLE, Blocks, write_params
from digitpairs.pipeline.step import ANSWERS, OF_MODEL, VARIANT, Steps, maker
from digitpairs.products.report import compiled
from digitpairs.runs import restore
from digitpairs.runs.plan import PlannedRun
from digitpairs.runs.workers import Workers
from digitpairs.study.schema import Params
from digitpairs.study.variants import known_variants

KEPT = (
    "Products are made again (-F). Records of runs are kept: to train these again too, delete "
    f"{paths.RUNS} and {paths.RESULTS}."
)


class Session:
    """Decides for one Snakemake which steps are due and which runs have to be trained."""

    def __init__(
        self,
        params: Params,
        say: Callable[[str], None],
        workers: Callable[[], Workers],
        reporting: bool = False,
    ) -> None:
        """Check the digits and the disk, hand the params to the jobs, and fill the run store.

        `reporting`: whether Snakemake only shows what is made (--report). Then no job will start.
        """
        named_folder(params.data.source, params.data.folder)
        if line := notice(params.data.source, params.data.folder):
            say(line)
        self.params, self.say, self.reporting = with_results(params), say, reporting
        self.forced = False  # whether all is done again, due or not
        self.targets: Collection[str] = ()
        self.due: set[str] = set()
        self.kept: set[str] = set()
        self.lock: object = None  # a lock, until this process ends
        self._blocks = Blocks(params.execution, workers)
        check_room(paths.PLAN)
        check_room(Path(".snakemake"))  # else Snakemake fails there, with a traceback
        self.params_file = write_params(self.params).absolute()
        os.environ[PARAMS_VARIABLE] = str(self.params_file)  # jobs here read the params from there
        if not reporting:
            restore.restore(say)

    @property
    def steps(self) -> Steps:
        """All steps, as things stand."""
        return steps.steps(self.params)

    def must_wait_for(self, checkpoint: str) -> bool:
        """Whether a checkpoint has to be reached before what depends on it can be judged."""
        return self.forced or stamps.due(self.steps, checkpoint) is not None

    def checkpoints_before(self, name: str) -> list[str]:
        """Name the checkpoints that a step depends on. Raises UserError for an unknown step."""
        graph = self.steps
        if name not in graph and name in OF_MODEL:
            return ["digits"]
        if name not in graph:
            kind, _, product = name.partition("-")
            if name.startswith((VARIANT, ANSWERS)) and product in known_variants(self.params):
                # A winner: known once its search is won.
                return list(targets.checkpoints_of(self.params, f"variants/{product}"))
            known = [step.partition("-")[2] for step in graph if step.startswith(f"{kind}-")]
            raise UserError(f"{product}: no such {kind}{nearest(product, known)}")
        upstream = steps.upstream(graph, name)
        return [step for step in steps.checkpoints(graph) if step in upstream]

    def inputs(self, name: str) -> tuple[list[str], Path | None]:
        """Decide on a step: the files that it takes, and a mark where it is due.

        Raises UserError for a winner that has no results of its own, and for a step that is due
        while a report is made.
        """
        graph = self.steps
        if name == "pdf" and self.is_due(name) and not compiled.is_installed():
            raise UserError(compiled.MISSING)
        if name not in graph and name in OF_MODEL:
            raise UserError("model: missing from the params; say which variant's weights are kept")
        if name not in graph:
            variant = name.removeprefix(VARIANT)
            raise UserError(
                f"{variant}: the search's winner is a variant already, or there is none; "
                f"give `snakemake variants/{variant}` for its results"
            )
        if (reason := self.is_due(name)) is None:
            self.kept.add(name)
            # Of what is due nothing may be ancient: Snakemake 9.27 then skips all that needs it.
            # What was due stays so. A job that outlived its Snakemake may end it meanwhile, and
            # what needs it would then wait for it alone, not for the rest of what is made.
            makers = {path: maker(graph, path) for path in graph[name].inputs}
            return [
                path
                for path, before in makers.items()
                if before not in self.due and not stamps.due(graph, before)
            ], None
        if self.reporting:
            raise UserError(f"{name}: {reason}; give `snakemake` first, then --report again")
        self.due.add(name)
        self.kept.discard(name)
        if self.lock:  # a checkpoint has shown that it is due
            self.set_altered_aside(name)
        mark = stamps.mark(paths.PLAN, graph, name, reason)
        return [*graph[name].inputs, *graph[name].pair_sets], mark

    @property
    def wants_report(self) -> bool:
        """Whether the report is among what is made."""
        return not self.targets or bool({"all", "report"} & set(self.targets))

    def is_due(self, name: str) -> str | None:
        """Say why a step has to be done; None where its products are what it would make now."""
        return "all is made again (-F)" if self.forced else stamps.due(self.steps, name)

    def blocks(self, runs: Iterable[PlannedRun]) -> list[Path]:
        """List the blocks that train those of these runs that have no record."""
        if self.reporting:
            return []  # a clone has results, and no records
        return self._blocks.training(runs, lambda: targets.needed(self.params, self.targets))

    def weighed(self, variant: str, runs: Iterable[PlannedRun]) -> list[Path]:
        """List the blocks that train what is missing of a variant's runs, or of their weights.

        There is none where the variant's answers are as they would be made now: a clone has them,
        and no weights.
        """
        name = ANSWERS + variant
        return self.blocks(runs) if name in self.steps and self.is_due(name) else []

    def teachers_before(self, block: str) -> list[Path]:
        """List the blocks that train the teachers of a block's runs."""
        return self._blocks.before(block)

    @property
    def trains(self) -> bool:
        """Whether there are runs to train."""
        return bool(self._blocks.urgency)

    def urgency(self, block: str) -> float:
        """Say how urgent a block is, of those that were decided here."""
        return self._blocks.urgency.get(block, 0.0)

    def begin(self, executor: str, jobs: int | None = None) -> None:
        """Lock the directory, and set aside what was altered since it was written.

        Raises UserError for `--jobs` on this machine: Snakemake would start so many jobs, whatever
        cores and memory there are.
        """
        if executor == "local" and jobs is not None:
            raise UserError(f"--jobs {jobs}: is for clusters; on this machine, give --cores {jobs}")
        self.lock = lock.hold(paths.PLAN)
        if executor == "slurm":
            orphans.await_orphans(Path.cwd(), self.say)
        if self.forced:
            self.say(KEPT)
        self._blocks.delete_others()
        if self.wants_report and not compiled.is_installed() and self.is_due("pdf"):
            self.say(compiled.MISSING)
        for name in sorted(self.due):
            self.set_altered_aside(name)

    def set_altered_aside(self, name: str) -> None:
        """Keep what of a step's products is not as it was written: it will be made again."""
        for path in sorted(stamps.altered(name)):
            aside = set_aside(Path(path))
            self.say(f"WARNING: {path} was altered since it was made; now {aside}")

    def end(self) -> None:
        """Say where the products are and, again, that they are not of full MNIST.

        Raises UserError where a lost file came back different, for example from records of another
        machine. Then steps that were not due at the start are due now.
        """
        graph = self.steps
        late = [name for name in self.kept - self.due if name in graph and stamps.due(graph, name)]
        if late:
            raise UserError(
                f"{', '.join(sorted(late))}: made from a file that was lost and came back "
                "different; give the same command again"
            )
        self.say(f"Products: {paths.METRICS.parent.absolute()}")
        source = read_source()
        if self.params.data.source == "auto" and source and source.note:
            self.say(f"WARNING: these results are {source.note}; logs/digits.log says why")
