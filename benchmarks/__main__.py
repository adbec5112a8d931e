"""`python -m benchmarks [training | workflow | ...]`: measure a part, write the pages."""

import argparse
from importlib import import_module
from pathlib import Path

from benchmarks import page

PARTS = (
    "training",
    "stack",
    "start",
    "workflow",
    "cores",
    "fidelity",
    "processors",
    "scale",
    "gpu",
    "beyond",
)


def main() -> None:
    """Measure one part, write its table, and renew the pages that show it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parts = (*PARTS, "cluster", "page")
    parser.add_argument("part", nargs="?", default="training", choices=parts)
    parser.add_argument(
        "--params", type=Path, default=Path("params.yaml"), help="for workflow, beyond"
    )
    parser.add_argument("--only", help="for cluster: blocks, nodes or large; for gpu: some parts")
    arguments = parser.parse_args()
    if arguments.part in PARTS:
        given = [arguments.params]
        of = {"gpu": [arguments.only], "workflow": given, "beyond": given}
        try:
            import_module(f"benchmarks.{arguments.part}").main(*of.get(arguments.part, []))
        finally:  # what was measured is shown, whether or not all is as it should be
            page.renew()
    else:
        from benchmarks import cluster

        if arguments.part == "cluster":
            if arguments.only not in (None, "blocks", "nodes", "large"):
                parser.error(f"--only {arguments.only}: choose blocks, nodes or large")
            cluster.main(arguments.only)
            return
        print(cluster.renew())
    print(page.renew())
    print(page.goals(page.measured()))


main()
