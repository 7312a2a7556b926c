"""Effort of optimisers to reach a covered variance: EDNNs trained by Adam, Muon, SOAP or L-BFGS.

train: one line per combination of the given values: steps, row passes, mean covered variance on the
    test rows and its standard deviation over seeds.
time: microseconds per compiled step of one network, measured in turns: median and best; operations.
    A whole training takes this times its steps.

    npm run bench:optimisers -- train examples/water --k 1 --epochs 40,80 --rate 0.01,0.02 --optimiser adam,muon
    npm run bench:optimisers -- time examples/water --k 1 --batch 64,256 --optimiser adam,muon
"""

import argparse
import csv
import itertools
import json
import math
import os
import subprocess
import sys
import time
from functools import partial

# One core, like the kernel, which gives one to each trial.
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import jax
import jax.numpy as jnp
import numpy as np

from sweep_problem import initial_layers

HERE = os.path.dirname(os.path.abspath(__file__))
EPSILON = 1e-8


# Data


def split_rows(rows, groups):
    """Returns the row indices of narrows' split: 70, 15 and 15 %, seed 1."""
    shares = {"train": 0.7, "validation": 0.15, "test": 0.15, "seed": 1, "by": "group" if groups else "random"}
    request = json.dumps({"rows": rows, "split": shares, "groups": groups})
    done = subprocess.run(["node", os.path.join(HERE, "split-rows.ts")], input=request, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def load(folder, target, groups):
    """Returns [(x, y)] of the train, validation and test rows, x z-scored and y centred by train.

    groups: FILE:COLUMN, or None.
    """
    files = [os.path.join(folder, name) for name in ("X.npy", f"Y_{target}.npy")]
    missing = next((file for file in files if not os.path.exists(file)), None)
    if missing:
        sys.exit(f"{missing} does not exist. FOLDER must contain X.npy and Y_TARGET.npy, like examples/water.")
    x, y = (np.load(file).astype(np.float64) for file in files)
    if groups:
        file, column = groups.split(":")
        with open(os.path.join(folder, file), newline="") as lines:
            groups = [row[column] for row in csv.DictReader(lines)]
    parts = split_rows(len(x), groups)
    train = parts["train"]
    mean, deviation, centre = x[train].mean(0), x[train].std(0), y[train].mean(0)
    f32 = lambda values: jnp.asarray(values, jnp.float32)
    return [(f32((x[rows] - mean) / deviation), f32(y[rows] - centre)) for rows in parts.values()]


# The network


def apply(layers, x):
    linear = (len(layers) // 2 - 1, len(layers) - 1)
    for i, (weights, bias) in enumerate(layers):
        x = x @ weights + bias
        if i not in linear:
            x = jax.nn.gelu(x, approximate=True)
    return x


def loss(layers, x, y):
    return ((apply(layers, x) - y) ** 2).mean()


def covered(layers, x, y):
    return 1 - ((apply(layers, x) - y) ** 2).sum() / ((y - y.mean(0)) ** 2).sum()


# Optimisers: init(layers) -> state; refresh(state) -> state, every `refresh` steps;
# update(state, layers, gradient, rate, step) -> (layers, state)


def shrink(weights, rate, settings):
    return weights * (1 - rate * settings.decay) if weights.ndim == 2 else weights


def adam(settings):
    b1, b2 = settings.beta1, settings.beta2

    def init(layers):
        zeros = jax.tree.map(jnp.zeros_like, layers)
        return zeros, zeros

    def update(state, layers, gradient, rate, step):
        first, second = state
        first = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, first, gradient)
        second = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, second, gradient)
        a, b = 1 - b1**step, 1 - b2**step
        move = lambda p, m, v: shrink(p, rate, settings) - rate * (m / a) / (jnp.sqrt(v / b) + EPSILON)
        return jax.tree.map(move, layers, first, second), (first, second)

    return init, lambda state: state, update


def orthogonalised(g, iterations):
    """Approximates U V' of g = U S V' by Newton-Schulz, with the quintic of Jordan et al. 2024.

    https://kellerjordan.github.io/posts/muon/
    """
    wide = g.T if g.shape[0] > g.shape[1] else g
    x = wide / (jnp.linalg.norm(wide) + EPSILON)
    for _ in range(iterations):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * (gram @ gram)) @ x
    return x.T if g.shape[0] > g.shape[1] else x


def muon(settings):
    """Muon for the hidden matrices, Adam for the first, the last and the biases.

    Steps have the size of Adam's: 0.2 sqrt(largest side) (Liu et al. 2025, arXiv 2502.16982).
    """
    init, refresh, others = adam(settings)
    mu = settings.momentum

    def update(state, layers, gradient, rate, step):
        (first, second), velocity = state
        moved, (first, second) = others((first, second), layers, gradient, rate, step)
        velocity = [mu * v + g for v, (g, _) in zip(velocity, gradient)]
        for i in range(1, len(layers) - 1):
            nesterov = gradient[i][0] + mu * velocity[i]
            size = settings.ratio * 0.2 * math.sqrt(max(nesterov.shape))
            step_of = size * orthogonalised(nesterov, settings.iterations)
            moved[i] = (shrink(layers[i][0], rate, settings) - rate * step_of, moved[i][1])
        return moved, ((first, second), velocity)

    return lambda layers: (init(layers), [jnp.zeros_like(w) for w, _ in layers]), refresh, update


def soap(settings):
    """SOAP (Vyas et al. 2024, arXiv 2409.11321): Adam in the eigenbasis of Shampoo's factors.

    Applies to sides up to `largest`; steps of QR update the basis.
    """
    b1, b2, b3 = settings.beta1, settings.beta2, settings.shampoo
    rotates = lambda n: 1 < n <= settings.largest

    def init(layers):
        zeros = jax.tree.map(jnp.zeros_like, layers)
        sides = [tuple(jnp.zeros((n, n)) if rotates(n) else None for n in w.shape) for w, _ in layers]
        bases = [tuple(jnp.eye(n) if rotates(n) else None for n in w.shape) for w, _ in layers]
        return zeros, zeros, sides, bases

    def rotate(g, basis, back=False):
        left, right = basis
        if left is not None:
            g = (left if back else left.T) @ g
        return g if right is None else g @ (right.T if back else right)

    def refresh(state):
        first, second, sides, bases = state
        second, bases = list(second), list(bases)
        for i, (factors, basis) in enumerate(zip(sides, bases)):
            v, fresh = second[i][0], []
            for axis, (factor, q) in enumerate(zip(factors, basis)):
                if q is None:
                    fresh.append(None)
                    continue
                strength = jnp.einsum("ij,ik,kj->j", q, factor, q)
                order = jnp.argsort(-strength)
                v = jnp.take(v, order, axis)
                fresh.append(jnp.linalg.qr(factor @ q[:, order] + 1e-30 * q[:, order])[0])
            second[i], bases[i] = (v, second[i][1]), tuple(fresh)
        return first, second, sides, bases

    def update(state, layers, gradient, rate, step):
        first, second, sides, bases = state
        first = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, first, gradient)
        a, b = 1 - b1**step, 1 - b2**step
        moved, seconds, factors = [], [], []
        for (w, bias), (g, gb), (m, mb), (v, vb), (left, right), basis in zip(layers, gradient, first, second, sides, bases):
            left = None if left is None else b3 * left + (1 - b3) * g @ g.T
            right = None if right is None else b3 * right + (1 - b3) * g.T @ g
            v = b2 * v + (1 - b2) * rotate(g, basis) ** 2
            vb = b2 * vb + (1 - b2) * gb * gb
            step_of = rotate((rotate(m, basis) / a) / (jnp.sqrt(v / b) + EPSILON), basis, back=True)
            moved.append((shrink(w, rate, settings) - rate * step_of, bias - rate * (mb / a) / (jnp.sqrt(vb / b) + EPSILON)))
            seconds.append((v, vb))
            factors.append((left, right))
        return moved, (first, seconds, factors, bases)

    return init, refresh, update


MAKERS = {"adam": adam, "muon": muon, "soap": soap}


# Training

SCHEDULED = ("rate", "schedule", "warm", "fall", "lbfgs")


def schedule(settings):
    """Returns the rate relative to its peak, as a function of the fraction of steps done."""
    warm = settings.warm

    def one_cycle(done):
        up = 0.04 + 0.96 * (1 - np.cos(np.pi * done / warm)) / 2
        down = (1 + np.cos(np.pi * np.minimum(1, (done - warm) / (1 - warm)))) / 2
        return np.where(done < warm, up, down)

    def flat(done):
        """Warm-up, constant, then linear decay."""
        return np.minimum(np.minimum(1, 0.04 + done / warm), (1 - done) / settings.fall)

    def constant(done):
        return np.minimum(1, 0.04 + done / warm)

    return {"one-cycle": one_cycle, "flat": flat, "constant": constant}[settings.schedule]


def refreshes(steps, every):
    """Returns the largest divisor of an epoch's steps that is at most `every`."""
    return max(n for n in range(1, every + 1) if steps % n == 0)


def one_step(settings, optimiser, x, y, carry, given):
    """Runs one step of the optimiser and of the moving average of the weights, if enabled."""
    layers, state, average, step = carry
    picked, weight, rate = given

    def of_batch(layers):
        return (((apply(layers, x[picked]) - y[picked]) ** 2).mean(1) * weight).sum() / weight.sum()

    layers, state = optimiser[2](state, layers, jax.grad(of_batch)(layers), rate, step + 1)
    if settings.ema:
        # The decay grows with the steps, so that the average forgets the initial weights.
        keep = jnp.minimum(settings.ema, (step + 1) / (step + 10))
        average = jax.tree.map(lambda a, p: keep * a + (1 - keep) * p, average, layers)
    return (layers, state, average, step + 1), None


COMPILED = {}


def compiled_once(phase, batch, settings):
    """Compiles once for settings that differ only in rates, which are arguments of the program."""
    key = (batch, *(value for name, value in vars(settings).items() if name not in SCHEDULED))
    return COMPILED.setdefault(key, jax.jit(partial(phase, batch)))


def train(data, widths, settings, seeds):
    """Trains one network per seed, and keeps the best epoch on validation.

    Returns the covered variances on test [seeds], their mean by epoch [(steps, row passes, mean)] and
    the best weights.
    """
    (x, y), validation, test = data
    optimiser = MAKERS[settings.optimiser](settings)
    batches = settings.batch if isinstance(settings.batch, tuple) else (settings.batch,)
    lengths = [settings.epochs * (i + 1) // len(batches) - settings.epochs * i // len(batches) for i in range(len(batches))]
    curve = schedule(settings)

    def one_epoch(every, carry, given):
        inner, best, score = carry
        order, weight, rate = given
        blocks = jax.tree.map(lambda a: a.reshape(-1, every, *a.shape[1:]), (order, weight, rate))

        def block(carry, given):
            layers, state, average, step = carry
            carry = layers, optimiser[1](state), average, step
            return jax.lax.scan(partial(one_step, settings, optimiser, x, y), carry, given)

        inner, _ = jax.lax.scan(block, inner, blocks)
        shown = inner[2] if settings.ema else inner[0]
        now = covered(shown, *validation)
        best = jax.tree.map(lambda a, b: jnp.where(now > score, a, b), shown, best)
        return (inner, best, jnp.maximum(now, score)), covered(best, *test)

    def phase(batch, keys, carry, rates):
        # Sequential networks: faster than batched products on one core.
        return jax.lax.map(lambda one: network(batch, *one, rates), (keys, carry))

    def network(batch, key, carry, rates):
        steps = -(-len(x) // batch)
        weight = (jnp.arange(steps * batch) < len(x)).astype(jnp.float32).reshape(steps, batch)

        def epoch(carry, given):
            key, rate = given
            order = jnp.pad(jax.random.permutation(key, len(x)), (0, steps * batch - len(x)))
            return one_epoch(refreshes(steps, settings.refresh), carry, (order.reshape(steps, batch), weight, rate))

        return jax.lax.scan(epoch, carry, (jax.random.split(key, len(rates)), rates))

    stacked = jax.tree.map(lambda *parts: jnp.stack(parts), *[initial_layers(widths, seed) for seed in seeds])
    carry = jax.vmap(lambda layers: ((layers, optimiser[0](layers), layers, 0), layers, -jnp.inf))(stacked)
    done, steps_done, shown = 0, 0, []
    for i, (batch, epochs) in enumerate(zip(batches, lengths)):
        steps = -(-len(x) // batch)
        share = (done + (np.arange(epochs * steps) + 0.0) / steps) / settings.epochs
        rates = jnp.asarray(settings.rate * curve(share).reshape(epochs, steps), jnp.float32)
        keys = jax.vmap(lambda seed: jax.random.fold_in(jax.random.PRNGKey(seed), i))(jnp.asarray(seeds))
        carry, tests = compiled_once(phase, batch, settings)(keys, carry, rates)
        for epoch, value in enumerate(np.asarray(tests).mean(0)):
            shown.append((steps_done + (epoch + 1) * steps, done + epoch + 1, float(value)))
        done, steps_done = done + epochs, steps_done + epochs * steps
    best = carry[1]
    finals = np.asarray(tests)[:, -1]
    return finals, shown, best


def refine_with_lbfgs(data, best, seeds, passes):
    """Runs L-BFGS on all rows from the best weights.

    Returns the mean covered variance on test, and row passes and seconds per network.
    """
    from jax.flatten_util import ravel_pytree
    from scipy.optimize import minimize

    (x, y), validation, test = data
    reached, elapsed, used = [], 0.0, 0
    for i in range(len(seeds)):
        own = jax.tree.map(lambda values: values[i], best)
        flat, unravel = ravel_pytree(own)
        value = jax.jit(jax.value_and_grad(lambda flat: loss(unravel(flat), x, y)))
        value(flat)
        trail = [(float(covered(own, *validation)), np.asarray(flat))]

        def objective(values):
            found, gradient = value(jnp.asarray(values, jnp.float32))
            return float(found), np.asarray(gradient, np.float64)

        started = time.perf_counter()
        keep = lambda values: trail.append((None, np.asarray(values, np.float32)))
        options = {"maxcor": 20, "maxfun": passes, "maxiter": passes, "ftol": 0, "gtol": 0}
        result = minimize(objective, np.asarray(flat, np.float64), jac=True, method="L-BFGS-B", callback=keep, options=options)
        elapsed += time.perf_counter() - started
        used += result.nfev
        # Validation selects among up to some 20 iterates, as it does among epochs.
        kept = [values for _, values in trail[:: max(1, len(trail) // 20)]] + [trail[-1][1]]
        scores = [float(covered(unravel(jnp.asarray(values)), *validation)) for values in kept]
        reached.append(float(covered(unravel(jnp.asarray(kept[int(np.argmax(scores))])), *test)))
    return float(np.mean(reached)), used / len(seeds), elapsed / len(seeds)


# Cost of a step


def step_program(data, widths, settings, steps=88):
    """Compiles `steps` steps of one network.

    Returns a function that runs them, XLA's count of operations per step (without QR), and `steps`.
    """
    (x, y), _, _ = data
    optimiser = MAKERS[settings.optimiser](settings)
    batch = settings.batch
    every = refreshes(steps, settings.refresh)
    layers = jax.tree.map(jnp.asarray, initial_layers(widths, 1))
    order = jnp.asarray(np.random.default_rng(1).integers(0, len(x), (steps // every, every, batch)))
    given = order, jnp.ones((steps // every, every, batch)), jnp.full((steps // every, every), 1e-3)

    def block(carry, given):
        layers, state, average, step = carry
        return jax.lax.scan(partial(one_step, settings, optimiser, x, y), (layers, optimiser[1](state), average, step), given)

    carry = (layers, optimiser[0](layers), layers, 0)
    program = jax.jit(lambda carry, given: jax.lax.scan(block, carry, given)[0]).lower(carry, given).compile()
    single = jax.jit(partial(one_step, settings, optimiser, x, y)).lower(carry, jax.tree.map(lambda a: a[0, 0], given)).compile()
    cost = single.cost_analysis()
    cost = cost[0] if isinstance(cost, list) else cost
    return lambda: jax.block_until_ready(program(carry, given)), cost["flops"], steps


def time_steps(data, widths, each, rounds):
    programs = [step_program(data, widths, settings) for settings in each]
    for program, _, _ in programs:
        program()
    taken = [[] for _ in each]
    for _ in range(rounds):
        for i, (program, _, steps) in enumerate(programs):
            started = time.perf_counter()
            program()
            taken[i].append((time.perf_counter() - started) / steps)
    return [(float(np.median(one)), min(one), flops) for one, (_, flops, _) in zip(taken, programs)]


# Arguments


def numbers(kind):
    """Parses a list of values; 32+64+128 is one value: successive batch sizes."""
    one = lambda value: tuple(kind(part) for part in value.split("+")) if "+" in value else kind(value)
    return lambda text: [one(value) for value in text.split(",")]


TRIED = {
    "optimiser": (str, "adam"), "epochs": (int, "80"), "batch": (int, "64"), "rate": (float, "0.02"), "schedule": (str, "one-cycle"),
    "warm": (float, "0.2"), "fall": (float, "0.3"), "beta1": (float, "0.9"), "beta2": (float, "0.99"), "decay": (float, "0"), "ema": (float, "0"),
    "momentum": (float, "0.95"), "ratio": (float, "1"), "iterations": (int, "5"),
    "shampoo": (float, "0.95"), "refresh": (int, "11"), "largest": (int, "64"), "lbfgs": (int, "0"),
}  # fmt: skip


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=["train", "time"])
    parser.add_argument("folder")
    parser.add_argument("--target", default="xes")
    parser.add_argument("--groups", help="FILE:COLUMN to split by")
    parser.add_argument("--k", type=int, default=1)
    parser.add_argument("--hidden", type=numbers(int), default=[64, 64])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--curve", action="store_true", help="also print the covered variance on test at every tenth of the training")
    for name, (kind, default) in TRIED.items():
        parser.add_argument(f"--{name}", type=numbers(kind), default=numbers(kind)(default))
    return parser.parse_args()


def main():
    options = arguments()
    data = load(options.folder, options.target, options.groups)
    widths = [data[0][0].shape[1], *options.hidden, options.k, *reversed(options.hidden), data[0][1].shape[1]]
    each = [argparse.Namespace(**dict(zip(TRIED, values))) for values in itertools.product(*(getattr(options, name) for name in TRIED))]
    several = [name for name in TRIED if len(getattr(options, name)) > 1 or name == "optimiser"]
    title = lambda settings: {"k": options.k, "hidden": options.hidden, **{name: getattr(settings, name) for name in several}}
    if options.task == "time":
        for settings, (middle, best, flops) in zip(each, time_steps(data, widths, each, options.rounds)):
            taken = {"microsecondsPerStep": round(1e6 * middle, 1), "best": round(1e6 * best, 1)}
            print(json.dumps({**title(settings), **taken, "megaflopsPerStep": round(flops / 1e6, 2)}), flush=True)
        return
    seeds = range(1, options.seeds + 1)
    for settings in each:
        finals, curve, best = train(data, widths, settings, seeds)
        steps, passes, _ = curve[-1]
        shown = {"steps": steps, "rowPasses": passes, "test": round(float(finals.mean()), 5), "spread": round(float(finals.std()), 5)}
        if options.curve:
            shown["curve"] = [(at, round(value, 4)) for at, _, value in curve[max(0, len(curve) // 10 - 1) :: max(1, len(curve) // 10)]]
        if settings.lbfgs:
            value, used, seconds = refine_with_lbfgs(data, best, seeds, settings.lbfgs)
            shown["lastMile"] = {"test": round(value, 5), "rowPasses": round(used, 1), "seconds": round(seconds, 3)}
        print(json.dumps({**title(settings), **shown}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
