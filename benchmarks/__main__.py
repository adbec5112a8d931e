"""`python -m benchmarks [training | workflow | ...]`: measure a part, write the pages."""

import argparse
from pathlib import Path

from benchmarks import page


def main() -> None:
    """Measure one part, write its table, and renew the page that shows it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parts = (
        "training",
        "stack",
        "start",
        "workflow",
        "cores",
        "fidelity",
        "gpu",
        "cluster",
        "scale",
        "page",
    )
    parser.add_argument("part", nargs="?", default="training", choices=parts)
    parser.add_argument("--params", type=Path, default=Path("params.yaml"), help="for workflow")
    parser.add_argument("--only", choices=("blocks", "nodes", "large"), help="for cluster")
    arguments = parser.parse_args()
    match arguments.part:
        case "training":
            from benchmarks import training

            training.main()
        case "stack":
            from benchmarks import stack

            stack.main()
        case "start":
            from benchmarks import start

            start.main()
        case "workflow":
            from benchmarks import workflow

            workflow.main(arguments.params)
        case "cores":
            from benchmarks import cores

            cores.main()
        case "fidelity":
            from benchmarks import fidelity

            fidelity.main()
        case "scale":
            from benchmarks import scale

            scale.main()
        case "gpu":
            from benchmarks import gpu

            gpu.main()
        case "cluster":
            from benchmarks import cluster

            cluster.main(arguments.only)
            return
        case "page":
            from benchmarks import cluster

            print(cluster.renew())
    print(page.renew())
    print(page.goals(page.measured()))


main()
