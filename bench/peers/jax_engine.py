"""JAX: vmap over the stacked trials, one jitted scan over the steps of an epoch.

Reads cases as lines of JSON and answers each with one line.
"""

import json
import sys
import time

import jax
import jax.numpy as jnp

from problem import initial_layers, mini_batches, problem


def build(bottleneck):
    """Returns the loss of one trial, and an epoch of all trials."""

    def loss(layers, x, y):
        for i, (weights, bias) in enumerate(layers):
            x = x @ weights + bias
            if i not in (bottleneck, len(layers) - 1):
                x = jax.nn.elu(x)
        return jnp.mean((x - y) ** 2)

    def step(state, rows, x, y):
        layers, first, second, t = state
        gradient = jax.grad(loss)(layers, x[rows], y[rows])
        t = t + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, second, gradient)
        a, b = 1 - 0.9**t, 1 - 0.99**t
        layers = jax.tree.map(lambda p, m, v: p - 1e-3 * (m / a) / (jnp.sqrt(v / b) + 1e-8), layers, first, second)
        return layers, first, second, t

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
    mean_loss = lambda layers: float(jax.vmap(lambda p, r: loss(p, x[r], y[r]))(layers, rows[0]).mean())
    started = time.perf_counter()
    for _ in range(case["epochs"]):
        state = epoch(state, rows, x, y)
    jax.block_until_ready(state)
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "compileSeconds": compile_seconds,
        "version": f"jax {jax.__version__}",
        "losses": [mean_loss(layers), mean_loss(state[0])],
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
