"""Training: blocks of runs, many in one process.

Needs: the pair sets, and the test digits but for folds; for students, their teachers. Makes: a
record a run in data/runs, which stays there whatever becomes of the block. Which blocks there are is
decided when the graph is built.
"""


rule train:
    """Train the runs of a block, and record each as it ends, with those beside it."""
    input:
        lambda wildcards: blockfile.files_read(paths.BLOCKS / f"{wildcards.block}.json"),
        lambda wildcards: teachers_before(wildcards.block),
        block=paths.BLOCKS / "{block}.json",
    output:
        temp(touch(paths.BLOCKS / f"{{block}}{blockfile.DONE}")),
    log:
        "logs/train/{block}.log",
    benchmark:
        "logs/benchmarks/{block}.tsv"
    priority: lambda wildcards: (SESSION.urgency(wildcards.block) if SESSION else 0)
    threads: PARAMS.execution.threads
    resources:
        **memory_here(PARAMS.execution.threads),
    shell:
        "digitpairs block {input.block} --threads {threads} 2>&1 | tee {log}"
