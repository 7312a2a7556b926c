"""Shared by the Python peers of bench/sweep.ts: water data, split, recipe and score."""

import json
import math
import os
import sys

import numpy as np

EPSILON = 1e-8
RESTARTS, COMPONENT_STEPS, COMPONENT_ROWS, COMPONENT_RATE = 6, 200, 256, 0.1


def read_request():
    """Reads the request of bench/sweep.ts.

    Keys: folder, split (rows of train, validation, test), widths, architectures, seeds, epochs, batch
    and learningRate.
    """
    return json.loads(sys.stdin.readline())


def load(folder, split):
    """Returns (x, y) of the train, validation and test rows, standardised by the training rows."""
    x = np.load(os.path.join(folder, "X.npy")).astype(np.float32)
    y = np.load(os.path.join(folder, "Y_xes.npy")).astype(np.float32)
    train = split["train"]
    mean, deviation, centre = x[train].mean(0), x[train].std(0), y[train].mean(0)
    return [((x[rows] - mean) / deviation, y[rows] - centre) for rows in (train, split["validation"], split["test"])]


def total(y):
    return float(((y - y.mean(0)) ** 2).sum())


def one_cycle(step, steps, peak):
    """narrows' schedule: cosine from peak / 25 to the peak over a fifth of the steps, then to 0."""
    top = 0.2 * steps
    if step < top:
        return peak * (0.04 + 0.96 * (1 - math.cos(math.pi * step / top)) / 2)
    return peak * (1 - (1 - math.cos(math.pi * min(1, (step - top) / max(1, steps - top)))) / 2)


def shapes(method, k, hidden, inputs, outputs):
    """Returns the widths of the layers, and the indices of linear layers."""
    if method == "ednn":
        widths = [inputs, *hidden, k, *reversed(hidden), outputs]
        return widths, {len(hidden), len(widths) - 2}
    if method == "nnca":
        widths = [inputs, k, *hidden, outputs]
        return widths, {0, len(widths) - 2}
    widths = [inputs, *hidden, outputs]
    return widths, {len(widths) - 2}


def initial_layers(widths, seed):
    """Draws initial layers: weights N(0, 1 / inputs), biases uniform within 1 / sqrt(inputs)."""
    generator = np.random.default_rng(seed)
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        weights = generator.standard_normal((inputs, outputs)) / math.sqrt(inputs)
        bias = generator.uniform(-1, 1, outputs) / math.sqrt(inputs)
        layers.append((weights.astype(np.float32), bias.astype(np.float32)))
    return layers


def table(scores):
    """Returns the mean over the trials of each method and width: {"ednn": [k = 1, 2, 3], ...}."""
    methods = {}
    for (method, k), values in sorted(scores.items()):
        methods.setdefault(method, []).append(float(np.mean(values)))
    return methods
