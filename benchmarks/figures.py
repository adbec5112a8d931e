"""What the measured tables say: medians, ratios, shares."""

from dataclasses import dataclass
from typing import Any

from benchmarks.training import OURS, PRODUCT


@dataclass(frozen=True)
class Measured:
    """The tables of reports/benchmarks; None for one that was not measured."""

    training: Any
    workflow: Any
    gpu: Any
    stack: Any
    cores: Any
    start: Any

    @property
    def models(self) -> list[str]:
        """Name the nets that were trained."""
        if self.training is None:
            return []
        return [name for name in self.training["model"].unique() if name != PRODUCT]

    def of(self, model: str, engine: str) -> Any:
        """CPU seconds a run and epoch, by repetition."""
        rows = self.rows(model, engine).set_index("repetition")
        return rows["cpu_seconds"] / (rows["runs"] * rows["epochs"])

    def rows(self, model: str, engine: str) -> Any:
        """Pick the rows of a net by one loop."""
        table = self.training
        return table[(table["model"] == model) & (table["engine"] == engine)]

    def run_seconds(self, model: str, engine: str) -> float:
        """Median CPU seconds a run and epoch."""
        return float(self.of(model, engine).median())

    def speedup(self, model: str, against: str) -> float:
        """Median over the repetitions of how many times as fast ours is, each time side by side."""
        return float((self.of(model, against) / self.of(model, OURS)).median())

    def stack_seconds(self, loop: str) -> Any:
        """CPU seconds an epoch of the ConvStack by a loop, by repetition."""
        rows = self.stack[self.stack["loop"] == loop].set_index("repetition")
        return rows["cpu_seconds"] / rows["epochs"]

    def stack_speedup(self, loop: str) -> list[float]:
        """Median of how many times as fast ours is as a loop; empty where it was not measured."""
        if self.stack is None:
            return []
        return [float((self.stack_seconds(loop) / self.stack_seconds(OURS)).median())]

    def starts(self) -> list[float]:
        """Median CPU seconds in which a job of each kind starts; empty where not measured."""
        if self.start is None:
            return []
        medians = self.start.groupby("kind", sort=False)["cpu_seconds"].median()
        return [float(median) for median in medians]

    @property
    def peak(self) -> float:
        """Multiply-adds a CPU second of the matrix product: the best size, by its median."""
        rows = self.training[self.training["model"] == PRODUCT]
        paces = rows["multiply_adds"] / rows["cpu_seconds"]
        return float(paces.groupby(rows["engine"]).median().max())

    def share_of_peak(self, model: str) -> float:
        """Counted multiply-adds a second by our engine, as a share of the peak."""
        rows = self.rows(model, OURS)
        return float((rows["multiply_adds"] / rows["cpu_seconds"]).median()) / self.peak

    def measure(self, name: str) -> list[float]:
        """Median of a measure of the workflow; empty where there is none."""
        if self.workflow is None or name not in set(self.workflow["measure"]):
            return []
        return [float(self.workflow["value"][self.workflow["measure"] == name].median())]

    def of_ideal(self, cores: int) -> list[float]:
        """Share of the ideal that training reaches on so many cores, by simulation."""
        if self.cores is None:
            return []
        row = self.cores.set_index("cores").loc[cores]
        return [float(row["training"] / cores / row["trained_after"])]

    def gpu_seconds(self, part: str) -> list[float]:
        """Wall seconds of a part on a GPU; empty where there is none, or where it broke off."""
        if self.gpu is None:
            return []
        rows = self.gpu[self.gpu["part"] == part]
        if rows.empty or (rows["unit"] != "s").any():
            return []
        return [float(rows["value"].sum())]
