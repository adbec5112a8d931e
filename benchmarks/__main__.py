"""`python -m benchmarks [training | workflow | fidelity | gpu | page]`: measure, write the page."""

import argparse
from pathlib import Path

from benchmarks import page


def main() -> None:
    """Measure one part, write its table, and renew docs/performance.md from all tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parts = ("training", "workflow", "fidelity", "gpu", "page")
    parser.add_argument("part", nargs="?", default="training", choices=parts)
    parser.add_argument("--params", type=Path, default=Path("params.yaml"), help="for workflow")
    arguments = parser.parse_args()
    match arguments.part:
        case "training":
            from benchmarks import training

            training.main()
        case "workflow":
            from benchmarks import workflow

            workflow.main(arguments.params)
        case "fidelity":
            from benchmarks import fidelity

            fidelity.main()
        case "gpu":
            from benchmarks import gpu

            gpu.main()
    print(page.renew())
    print(page.goals(page.measured()))


main()
