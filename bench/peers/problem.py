"""Synthetic problem of the Python peers: data, mini-batches and initial weights of a case."""

import numpy as np

ROWS = 5632


def problem(case):
    """Returns X [rows, D] and Y [rows, E], smooth functions of X like spectra."""
    generator = np.random.default_rng(1)
    inputs, outputs = case["shape"][0], case["shape"][-1]
    x = generator.standard_normal((ROWS, inputs), dtype=np.float32)
    energies = np.arange(outputs, dtype=np.float32) / 20
    y = np.sin(x[:, :1] + energies) + 0.5 * x[:, 1:2] * np.cos(energies) + 0.1 * x[:, 2:3] ** 2
    return x, y.astype(np.float32)


def mini_batches(case):
    """Returns the row indices of one epoch [steps, trials, batch], shuffled per trial."""
    generator = np.random.default_rng(2)
    steps = ROWS // case["batch"]
    orders = [generator.permutation(ROWS)[: steps * case["batch"]].reshape(steps, case["batch"]) for _ in range(case["trials"])]
    return np.stack(orders, axis=1).astype(np.int32)


def initial_layers(case):
    """Returns initial weights [trials, in, out] and biases [trials, out] per layer."""
    generator = np.random.default_rng(3)
    widths = case["shape"]
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        weights = generator.standard_normal((case["trials"], inputs, outputs), dtype=np.float32) / np.sqrt(inputs)
        layers.append((weights.astype(np.float32), np.zeros((case["trials"], outputs), np.float32)))
    return layers
