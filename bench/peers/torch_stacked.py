"""PyTorch, stacked: products [trials, batch, in] x [trials, in, out], autograd, fused Adam."""

import json
import sys
import time

import torch
import torch.nn.functional as F

from problem import initial_layers, mini_batches, problem


def stacked_parameters(case):
    """Returns the weights [trials, in, out] and bias [trials, 1, out] of each layer, in order."""
    return [torch.tensor(v) for w, b in initial_layers(case) for v in (w, b[:, None])]


def stacked_outputs(parameters, bottleneck, x, y, chosen):
    """Returns outputs and targets [trials, batch, outputs] for each trial's rows [trials, batch]."""

    def gather(values):
        return values.index_select(0, chosen.view(-1)).view(*chosen.shape, -1)

    values = gather(x)
    layers = list(zip(parameters[::2], parameters[1::2]))
    for i, (weights, bias) in enumerate(layers):
        values = torch.baddbmm(bias, values, weights)
        if i not in (bottleneck, len(layers) - 1):
            values = F.elu(values, inplace=True)
    return values, gather(y)


def stacked_loss(*arguments):
    """Returns the mean of the trials' losses. Arguments: see stacked_outputs."""
    return F.mse_loss(*stacked_outputs(*arguments))


def losses_of_trials(*arguments):
    """Returns the loss of each trial. Arguments: see stacked_outputs."""
    with torch.no_grad():
        outputs, targets = stacked_outputs(*arguments)
        return (outputs - targets).square().mean((1, 2)).tolist()


def answer(case):
    torch.set_num_threads(case["threads"])
    x, y = (torch.tensor(values) for values in problem(case))
    rows = torch.tensor(mini_batches(case))  # [steps, trials, batch]

    def trainer():
        parameters = [p.requires_grad_() for p in stacked_parameters(case)]
        adam = torch.optim.Adam(parameters, lr=1e-3, betas=(0.9, 0.99), fused=True)

        def step(chosen):
            loss = stacked_loss(parameters, case["bottleneck"], x, y, chosen)
            adam.zero_grad()
            # Scaled by the number of trials, the loss gives each trial the gradient of its own mean.
            (loss * case["trials"]).backward()
            adam.step()

        return parameters, step

    warm = trainer()[1]
    for chosen in rows[:5]:
        warm(chosen)
    parameters, step = trainer()
    losses = lambda: losses_of_trials(parameters, case["bottleneck"], x, y, rows[0])
    before = losses()
    started = time.perf_counter()
    for _ in range(case["epochs"]):
        for chosen in rows:
            step(chosen)
    seconds = time.perf_counter() - started
    answer = {"seconds": seconds, "compileSeconds": 0, "version": f"torch {torch.__version__}"}
    return {**answer, "losses": list(zip(before, losses()))}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
