"""Optuna and PyTorch: a study in Postgres, one worker process per core, the grid's trials enqueued.

Runs a share of the trials and scales the time to all of them.
"""

import json
import multiprocessing
import sys
import time
from collections import defaultdict

import numpy as np
import optuna
import torch
import torch.nn.functional as F

from sweep_problem import (
    COMPONENT_RATE,
    COMPONENT_ROWS,
    COMPONENT_STEPS,
    RESTARTS,
    initial_layers,
    load,
    one_cycle,
    read_request,
    shapes,
    table,
    total,
)


def apply(layers, linear, x):
    for i, (weights, bias) in enumerate(layers):
        x = torch.addmm(bias, x, weights)
        if i not in linear:
            x = F.gelu(x, approximate="tanh")
    return x


def fit(method, layers, linear, parts, request, seed):
    (x, y), (xv, yv), _ = parts
    layers = [tuple(torch.tensor(part, requires_grad=not (method == "nnca" and i == 0 and j == 1)) for j, part in enumerate(layer)) for i, layer in enumerate(layers)]
    if method == "nnca":
        layers[0][1].zero_()
    flat = [part for layer in layers for part in layer if part.requires_grad]
    optimiser = torch.optim.Adam(flat, lr=1, betas=(0.9, 0.99), fused=True)
    generator = torch.Generator().manual_seed(seed)
    batch, epochs = request["batch"], request["epochs"]
    steps = -(-len(x) // batch)
    best, best_score = None, -float("inf")
    for epoch in range(epochs):
        order = torch.randperm(len(x), generator=generator)
        for step in range(steps):
            picked = order[step * batch : (step + 1) * batch]
            optimiser.param_groups[0]["lr"] = one_cycle(epoch * steps + step, epochs * steps, request["learningRate"])
            loss = F.mse_loss(apply(layers, linear, x[picked]), y[picked])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        with torch.no_grad():
            score = -float(((apply(layers, linear, xv) - yv) ** 2).sum())
        if score > best_score:
            best_score, best = score, [tuple(part.detach().clone() for part in layer) for layer in layers]
    return best


def orthonormal(v, earlier):
    for _ in range(2):
        v = v - (earlier @ v) @ earlier
        v = v / v.norm()
    return v


def components(layers, linear, rank, parts, seed):
    (x, y), (xv, yv), _ = parts
    generator = torch.Generator().manual_seed(seed)
    found = torch.zeros(0, x.shape[1])
    through = lambda values, v: (values @ found.T) @ found + (values @ v)[:, None] * v
    for _ in range(rank):
        candidates = []
        for _ in range(RESTARTS):
            v = orthonormal(torch.randn(x.shape[1], generator=generator), found).requires_grad_()
            optimiser = torch.optim.Adam([v], lr=1, betas=(0.9, 0.99))
            for step in range(COMPONENT_STEPS):
                picked = torch.randint(len(x), (COMPONENT_ROWS,), generator=generator)
                optimiser.param_groups[0]["lr"] = COMPONENT_RATE * (1 + np.cos(np.pi * step / COMPONENT_STEPS)) / 2
                loss = F.mse_loss(apply(layers, linear, through(x[picked], v)), y[picked])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                with torch.no_grad():
                    v.copy_(orthonormal(v, found))
            with torch.no_grad():
                candidates.append((float(((apply(layers, linear, through(xv, v)) - yv) ** 2).sum()), v.detach()))
        found = torch.cat([found, min(candidates, key=lambda one: one[0])[1][None]])
    return found


def objective(trial, request, parts):
    method = trial.suggest_categorical("method", ["ednn", "nnca", "eca"])
    k = trial.suggest_categorical("k", request["widths"])
    hidden = request["architectures"][trial.suggest_int("architecture", 0, len(request["architectures"]) - 1)]
    seed = trial.suggest_int("seed", 0, request["seeds"] - 1)
    started = time.perf_counter()
    widths, linear = shapes(method, k, hidden, parts[0][0].shape[1], parts[0][1].shape[1])
    layers = fit(method, initial_layers(widths, seed), linear, parts, request, seed)
    xt, yt = parts[2]
    with torch.no_grad():
        whole = total(yt.numpy())
        rho = lambda x: 1 - float(((apply(layers, linear, x) - yt) ** 2).sum()) / whole
    if method == "eca":
        V = components(layers, linear, k, parts, seed)
        scores_by_rank = [rho(xt @ V[:rank].T @ V[:rank]) for rank in range(1, k + 1)]
    else:
        scores_by_rank = [rho(xt)]
    trial.set_user_attr("scores_by_rank", scores_by_rank)
    trial.set_user_attr("seconds", time.perf_counter() - started)
    return scores_by_rank[-1]


def work(request, name):
    torch.set_num_threads(1)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    parts = [tuple(map(torch.tensor, part)) for part in load(request["folder"], request["split"])]
    study = optuna.load_study(study_name=name, storage=request["storage"])
    while any(one.state == optuna.trial.TrialState.WAITING for one in study.get_trials(deepcopy=False)):
        study.optimize(lambda trial: objective(trial, request, parts), n_trials=1)


if __name__ == "__main__":
    request = read_request()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    cells = [
        {"method": method, "k": k, "architecture": architecture, "seed": seed}
        for architecture in range(len(request["architectures"]))
        for seed in range(request["seeds"])
        for method, k in [(m, k) for m in ("ednn", "nnca") for k in request["widths"]] + [("eca", max(request["widths"]))]
    ]
    name = f"bench-{time.time()}"
    started = time.perf_counter()
    study = optuna.create_study(study_name=name, storage=request["storage"], direction="maximize")
    # Whole seeds keep the proportions of methods and widths in the grid.
    chosen = [cell for cell in cells if cell["seed"] < max(1, round(request["share"] * request["seeds"]))]
    for cell in chosen:
        study.enqueue_trial(cell)
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work, args=(request, name)) for _ in range(request["processes"])]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - started
    scores = defaultdict(list)
    run = 0
    for trial in study.get_trials(deepcopy=False):
        if trial.state != optuna.trial.TrialState.COMPLETE:
            continue
        run += 1
        scores_by_rank = trial.user_attrs["scores_by_rank"]
        method, k = trial.params["method"], trial.params["k"]
        for rank, score in enumerate(scores_by_rank, start=k - len(scores_by_rank) + 1):
            scores[method, rank].append(score)
    if run != len(chosen):
        sys.exit(f"{run} of {len(chosen)} trials completed")
    answer = {"seconds": seconds * len(cells) / run, "secondsRun": seconds, "trialsRun": run, "coveredVariance": table(scores)}
    print(json.dumps({**answer, "version": f"optuna {optuna.__version__}, torch {torch.__version__}"}), flush=True)
