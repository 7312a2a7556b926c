"""JAX: vmap over the stacked trials, one jitted scan over the steps of an epoch.

Reads cases as lines of JSON and answers each with one line.
"""

import json
import sys
import time

import jax
import jax.numpy as jnp

from jax_training import build_loss, build_step
from problem import initial_layers, mini_batches, problem


def build(bottleneck):
    """Returns the loss of one trial, and an epoch of all trials."""
    loss = build_loss(bottleneck)
    step = build_step(loss)

    @jax.jit
    def epoch(state, rows, x, y):
        return jax.lax.scan(lambda s, r: (jax.vmap(step, (0, 0, None, None))(s, r, x, y), None), state, rows)[0]

    return loss, epoch


compiled = {}


def answer(case):
    x, y = problem(case)
    rows = jnp.asarray(mini_batches(case))  # [steps, trials, batch]
    layers = [(jnp.asarray(w), jnp.asarray(b)) for w, b in initial_layers(case)]
    zeros = jax.tree.map(jnp.zeros_like, layers)
    state = (layers, zeros, zeros, jnp.zeros(case["trials"]))
    x, y = jnp.asarray(x), jnp.asarray(y)
    key = (tuple(case["shape"]), case["bottleneck"], case["batch"], case["trials"])
    if key not in compiled:
        started = time.perf_counter()
        loss, epoch = build(case["bottleneck"])
        epoch = epoch.lower(state, rows, x, y).compile()
        compiled[key] = loss, epoch, time.perf_counter() - started
        jax.block_until_ready(epoch(state, rows, x, y))
    loss, epoch, compile_seconds = compiled[key]
    losses = lambda layers: jax.vmap(lambda p, r: loss(p, x[r], y[r]))(layers, rows[0]).tolist()
    started = time.perf_counter()
    for _ in range(case["epochs"]):
        state = epoch(state, rows, x, y)
    jax.block_until_ready(state)
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "compileSeconds": compile_seconds,
        "version": f"jax {jax.__version__}",
        "losses": list(zip(losses(layers), losses(state[0]))),
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
