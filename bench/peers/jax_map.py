"""JAX: one process per core, lax.map over its trials, one jitted scan over the steps of an epoch.

Groups of 4 in `lax.map` and parameters in one vector save up to a quarter of the time of the plain
form (narrow layers); unrolling, a loop in Python or vmap over all trials are no faster.
"""

import importlib.metadata
import os
import time

from problem import initial_layers, mini_batches, problem
from processes import serve

GROUP = 4
compiled = {}


def prepare(case, numbers):
    # Imported in the process, whose core is set by then.
    import jax
    import jax.numpy as jnp
    from jax.flatten_util import ravel_pytree

    from jax_training import build_loss, build_step

    x, y = (jnp.asarray(values) for values in problem(case))
    rows = jnp.asarray(mini_batches(case)[:, numbers].swapaxes(0, 1))  # [trials, steps, batch]
    layers = [(jnp.asarray(w[numbers]), jnp.asarray(b[numbers])) for w, b in initial_layers(case)]
    parameters = jax.vmap(lambda trial: ravel_pytree(trial)[0])(layers)  # [trials, parameters]
    zeros = jnp.zeros_like(parameters)
    start = (parameters, zeros, zeros, jnp.zeros(len(numbers)))
    key = (tuple(case["shape"]), case["bottleneck"], case["batch"], len(numbers))
    if key not in compiled:
        unravel = ravel_pytree(jax.tree.map(lambda values: values[0], layers))[1]
        loss_of_layers = build_loss(case["bottleneck"])

        def loss(vector, x, y):
            return loss_of_layers(unravel(vector), x, y)

        step = build_step(loss)

        @jax.jit
        def epoch(state, rows, x, y):
            one = lambda trial: jax.lax.scan(lambda s, r: (step(s, r, x, y), None), *trial)[0]
            return jax.lax.map(one, (state, rows), batch_size=GROUP)

        started = time.perf_counter()
        epoch = epoch.lower(start, rows, x, y).compile()
        compiled[key] = loss, epoch, time.perf_counter() - started
    loss, epoch, compile_seconds = compiled[key]
    jax.block_until_ready(epoch(start, rows, x, y))
    mean_losses = jax.jit(jax.vmap(lambda vector, rows: loss(vector, x[rows], y[rows])))
    state = start

    def train():
        nonlocal state
        for _ in range(case["epochs"]):
            state = epoch(state, rows, x, y)
        jax.block_until_ready(state)

    def losses():
        return mean_losses(state[0], rows[:, 0]).tolist()

    return compile_seconds, train, losses


if __name__ == "__main__":
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    serve(prepare, lambda case, processes: case["trials"], f"jax {importlib.metadata.version('jax')}")
