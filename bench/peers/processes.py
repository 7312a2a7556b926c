"""Serves a peer that trains its trials in one process per core."""

import json
import multiprocessing
import os
import sys
import time


def work(pipe, core, prepare):
    # Libraries that size their thread pools by the processor then start one thread.
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    while True:
        try:
            case, numbers = pipe.recv()
        except EOFError:
            return
        compile_seconds, train, losses = prepare(case, numbers)
        before = losses()
        pipe.send(compile_seconds)
        pipe.recv()
        train()
        pipe.send("trained")
        pipe.send(list(zip(before, losses())))


def train_in_processes(pipes, case, count, version):
    """Trains the first `count` trials; all processes start when each of them is prepared."""
    pipes = pipes[:count]
    shares = [list(range(count))[i :: len(pipes)] for i in range(len(pipes))]
    for pipe, share in zip(pipes, shares):
        pipe.send((case, share))
    compile_seconds = max(pipe.recv() for pipe in pipes)
    started = time.perf_counter()
    for pipe in pipes:
        pipe.send("go")
    for pipe in pipes:
        pipe.recv()
    seconds = time.perf_counter() - started
    losses = [None] * count
    for pipe, share in zip(pipes, shares):
        for number, pair in zip(share, pipe.recv()):
            losses[number] = pair
    return {"seconds": seconds, "compileSeconds": compile_seconds, "version": version, "losses": losses}


def serve(prepare, count_of, version):
    """Reads cases as lines of JSON and answers each with one line.

    `prepare(case, numbers)` returns, for the trials with these numbers, the seconds of compilation, a
    function that trains them, and one that returns the loss of each on its first mini-batch.
    `count_of(case, processes)` returns the number of trials to train.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    context = multiprocessing.get_context("spawn")
    pipes = []
    for line in sys.stdin:
        case = json.loads(line)
        while len(pipes) < case["threads"]:
            mine, theirs = context.Pipe()
            core = cores[len(pipes) % len(cores)]
            context.Process(target=work, args=(theirs, core, prepare), daemon=True).start()
            # Only the process holds the other end, so that its end is noticed.
            theirs.close()
            pipes.append(mine)
        print(json.dumps(train_in_processes(pipes, case, count_of(case, len(pipes)), version)), flush=True)
