"""Hand-written JAX: vmap over the seeds of a method, width and architecture; scans over steps."""

import json
import time
from collections import defaultdict
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from sweep_problem import (
    COMPONENT_RATE,
    COMPONENT_ROWS,
    COMPONENT_STEPS,
    EPSILON,
    RESTARTS,
    initial_layers,
    load,
    one_cycle,
    read_request,
    shapes,
    table,
    total,
)

request = read_request()
train, validation, test = [tuple(map(jnp.asarray, part)) for part in load(request["folder"], request["split"])]
totals = [total(np.asarray(y)) for _, y in (train, validation, test)]
rows, batch, epochs = len(train[0]), request["batch"], request["epochs"]
steps = -(-rows // batch)
rates = jnp.asarray([[one_cycle(e * steps + s, epochs * steps, request["learningRate"]) for s in range(steps)] for e in range(epochs)])
compiling = 0.0


def apply(layers, linear, x):
    for i, (weights, bias) in enumerate(layers):
        x = x @ weights + bias
        if i not in linear:
            x = jax.nn.gelu(x, approximate=True)
    return x


def adam(state, gradient, rate, step):
    values, first, second = state
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, second, gradient)
    a, b = 1 - 0.9**step, 1 - 0.99**step
    values = jax.tree.map(lambda p, m, v: p - rate * (m / a) / (jnp.sqrt(v / b) + EPSILON), values, first, second)
    return values, first, second


def rho(squares, part):
    return 1 - squares / totals[part]


def fit(linear, method, layers, key):
    """Trains one network. Returns the parameters of its best epoch on validation."""
    x, y = train

    def loss(layers, picked, weight):
        if method == "nnca":
            layers = [(layers[0][0], jnp.zeros_like(layers[0][1])), *layers[1:]]
        errors = (apply(layers, linear, x[picked]) - y[picked]) ** 2
        return (errors.mean(1) * weight).sum() / weight.sum()

    def one_step(carry, given):
        state, step = carry
        picked, weight, rate = given
        return (adam(state, jax.grad(loss)(state[0], picked, weight), rate, step + 1), step + 1), None

    def one_epoch(carry, given):
        state, step, best, score = carry
        key, rate = given
        order = jnp.pad(jax.random.permutation(key, rows), (0, steps * batch - rows))
        weight = (jnp.arange(steps * batch) < rows).astype(jnp.float32)
        given = (order.reshape(steps, batch), weight.reshape(steps, batch), rate)
        (state, step), _ = jax.lax.scan(one_step, (state, step), given)
        now = rho(((apply(state[0], linear, validation[0]) - validation[1]) ** 2).sum(), 1)
        best = jax.tree.map(lambda a, b: jnp.where(now > score, a, b), state[0], best)
        return (state, step, best, jnp.maximum(now, score)), None

    zeros = jax.tree.map(jnp.zeros_like, layers)
    carry = ((layers, zeros, zeros), 0, layers, -jnp.inf)
    return jax.lax.scan(one_epoch, carry, (jax.random.split(key, epochs), rates))[0][2]


def components(linear, rank, layers, key):
    """Returns the ECA components [rank, D] of one emulator."""
    D = train[0].shape[1]

    def orthonormal(v, earlier):
        for _ in range(2):
            v = v - (earlier @ v) @ earlier
            v = v / jnp.linalg.norm(v)
        return v

    def projected(x, earlier, v):
        return (x @ earlier.T) @ earlier + (x @ v)[:, None] * v

    def score(v, earlier):
        return rho(((apply(layers, linear, projected(validation[0], earlier, v)) - validation[1]) ** 2).sum(), 1)

    def optimise(key, earlier):
        def loss(v, picked):
            return ((apply(layers, linear, projected(train[0][picked], earlier, v)) - train[1][picked]) ** 2).mean()

        def one_step(carry, given):
            state, step = carry
            key, rate = given
            picked = jax.random.choice(key, rows, (COMPONENT_ROWS,))
            v, first, second = adam(state, jax.grad(loss)(state[0], picked), rate, step + 1)
            return ((orthonormal(v, earlier), first, second), step + 1), None

        first, *others = jax.random.split(key, COMPONENT_STEPS + 1)
        v = orthonormal(jax.random.normal(first, (D,)), earlier)
        decay = COMPONENT_RATE * (1 + jnp.cos(jnp.pi * jnp.arange(COMPONENT_STEPS) / COMPONENT_STEPS)) / 2
        zero = jnp.zeros(D)
        (state, _), _ = jax.lax.scan(one_step, ((v, zero, zero), 0), (jnp.stack(others), decay))
        return state[0], score(state[0], earlier)

    found = jnp.zeros((0, D))
    for j in range(rank):
        key, own = jax.random.split(key)
        candidates, scores = jax.vmap(partial(optimise, earlier=found))(jax.random.split(own, RESTARTS))
        found = jnp.concatenate([found, candidates[jnp.argmax(scores)][None]])
    return found


def run_compiled(function, *args):
    """Runs a function vmapped over the leading axes; measures compilation separately."""
    global compiling
    started = time.perf_counter()
    program = jax.jit(jax.vmap(function)).lower(*args).compile()
    compiling += time.perf_counter() - started
    return jax.block_until_ready(program(*args))


started = time.perf_counter()
scores = defaultdict(list)
seeds = request["seeds"]
widths_of = request["widths"]
for hidden in request["architectures"]:
    for method, k in [(m, k) for m in ("ednn", "nnca") for k in widths_of] + [("eca", max(widths_of))]:
        widths, linear = shapes(method, k, hidden, train[0].shape[1], train[1].shape[1])
        layers = [
            tuple(jnp.asarray(np.stack(parts)) for parts in zip(*layer))
            for layer in zip(*[initial_layers(widths, seed) for seed in range(seeds)])
        ]
        if method == "nnca":
            # The bias before the latents stays at zero, since the loss does not depend on it.
            layers[0] = (layers[0][0], jnp.zeros_like(layers[0][1]))
        keys = jax.random.split(jax.random.PRNGKey(1), seeds)
        best = run_compiled(partial(fit, linear, method), layers, keys)
        if method == "eca":
            found = run_compiled(partial(components, linear, k), best, keys)
        for seed in range(seeds):
            own = jax.tree.map(lambda values: values[seed], best)
            for rank in range(1, k + 1) if method == "eca" else [k]:
                x = test[0] @ found[seed][:rank].T @ found[seed][:rank] if method == "eca" else test[0]
                scores[method, rank].append(float(rho(((apply(own, linear, x) - test[1]) ** 2).sum(), 2)))
answer = {"seconds": time.perf_counter() - started, "compileSeconds": compiling, "coveredVariance": table(scores)}
print(json.dumps({**answer, "version": f"jax {jax.__version__}"}), flush=True)
