"""Training: blocks of runs, many in one process.

Needs: the pair sets. Makes: a record a run in data/runs, which stays there whatever becomes of the
block. Which blocks there are is settled when the graph of the search and the evaluation is built.
"""


rule train:
    """Train the runs of a block, and record each as it ends, with those beside it."""
    input:
        pairs_of_block,
        runs=BLOCKS / "{block}.txt",
    output:
        temp(touch(BLOCKS / f"{{block}}{steps.DONE}")),
    log:
        "logs/train/{block}.log",
    benchmark:
        "logs/benchmarks/{block}.tsv"
    threads: PARAMS.execution.threads
    params:
        file=PARAMS_FILE,
    shell:
        "digitpairs train --list {input.runs} --params {params.file} --threads {threads}"
        " 2>&1 | tee {log}"
