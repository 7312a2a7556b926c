"""A training step in JAX: mean squared error and Adam, for one trial."""

import jax
import jax.numpy as jnp


def build_loss(bottleneck):
    """Returns the loss of layers [(weights, bias), ...]."""

    def loss(layers, x, y):
        for i, (weights, bias) in enumerate(layers):
            x = x @ weights + bias
            if i not in (bottleneck, len(layers) - 1):
                x = jax.nn.elu(x)
        return jnp.mean((x - y) ** 2)

    return loss


def build_step(loss):
    """Returns a step on the given rows; its state is parameters, moments of Adam and their count."""

    def step(state, rows, x, y):
        parameters, first, second, t = state
        gradient = jax.grad(loss)(parameters, x[rows], y[rows])
        t = t + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, second, gradient)
        a, b = 1 - 0.9**t, 1 - 0.99**t
        parameters = jax.tree.map(lambda p, m, v: p - 1e-3 * (m / a) / (jnp.sqrt(v / b) + 1e-8), parameters, first, second)
        return parameters, first, second, t

    return step
