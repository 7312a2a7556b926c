"""The comparison of bench/sweep.ts for its Python peers: the water data, narrows' split, the recipe, the score."""

import json
import math
import os
import sys

import numpy as np

EPSILON = 1e-8
RESTARTS, COMPONENT_STEPS, COMPONENT_ROWS, COMPONENT_RATE = 6, 200, 256, 0.1


def question():
    """What bench/sweep.ts asks: data folder, split (rows of train, validation, test), widths, architectures, seeds, epochs, batch, learningRate."""
    return json.loads(sys.stdin.readline())


def load(folder, split):
    """x, y of train, validation and test rows, standardised by the training rows."""
    x = np.load(os.path.join(folder, "X.npy")).astype(np.float32)
    y = np.load(os.path.join(folder, "Y_xes.npy")).astype(np.float32)
    train = split["train"]
    mean, deviation, centre = x[train].mean(0), x[train].std(0), y[train].mean(0)
    return [((x[rows] - mean) / deviation, y[rows] - centre) for rows in (train, split["validation"], split["test"])]


def total(y):
    return float(((y - y.mean(0)) ** 2).sum())


def one_cycle(step, steps, peak):
    """narrows' schedule: a cosine from peak / 25 up in a fifth of the steps, a cosine down."""
    top = 0.2 * steps
    if step < top:
        return peak * (0.04 + 0.96 * (1 - math.cos(math.pi * step / top)) / 2)
    return peak * (1 - (1 - math.cos(math.pi * min(1, (step - top) / max(1, steps - top)))) / 2)


def shapes(method, k, hidden, inputs, outputs):
    """Widths of the layers, and which of them are linear."""
    if method == "ednn":
        widths = [inputs, *hidden, k, *reversed(hidden), outputs]
        return widths, {len(hidden), len(widths) - 2}
    if method == "nnca":
        widths = [inputs, k, *hidden, outputs]
        return widths, {0, len(widths) - 2}
    widths = [inputs, *hidden, outputs]
    return widths, {len(widths) - 2}


def start(widths, seed):
    generator = np.random.default_rng(seed)
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        weights = generator.standard_normal((inputs, outputs)) / math.sqrt(inputs)
        bias = generator.uniform(-1, 1, outputs) / math.sqrt(inputs)
        layers.append((weights.astype(np.float32), bias.astype(np.float32)))
    return layers


def table(scores):
    """Mean over the trials of each method and width: {"ednn": [k = 1, 2, 3], ...}."""
    methods = {}
    for (method, k), values in sorted(scores.items()):
        methods.setdefault(method, []).append(float(np.mean(values)))
    return methods
