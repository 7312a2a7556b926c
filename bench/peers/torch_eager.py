"""PyTorch, eager: one process per core, each of which trains its trials sequentially."""

import json
import multiprocessing
import sys
import time

import torch
import torch.nn.functional as F

from problem import initial_layers, mini_batches, problem


class Trial:
    """Plain tensors with addmm and fused Adam: faster here than nn.Linear and foreach."""

    def __init__(self, layers, bottleneck):
        self.parameters = [(torch.tensor(w), torch.tensor(b)) for w, b in layers]
        self.flat = [p.requires_grad_() for pair in self.parameters for p in pair]
        self.linear = (bottleneck, len(layers) - 1)
        self.adam = torch.optim.Adam(self.flat, lr=1e-3, betas=(0.9, 0.99), fused=True)

    def step(self, x, y):
        for i, (weights, bias) in enumerate(self.parameters):
            x = torch.addmm(bias, x, weights)
            if i not in self.linear:
                x = F.elu(x)
        loss = F.mse_loss(x, y)
        self.adam.zero_grad()
        loss.backward()
        self.adam.step()
        return loss


def work(pipe):
    torch.set_num_threads(1)
    while True:
        case, numbers = pipe.recv()
        x, y = (torch.tensor(values) for values in problem(case))
        layers = initial_layers(case)
        rows = torch.tensor(mini_batches(case))

        def trial(number):
            return Trial([(w[number], b[number]) for w, b in layers], case["bottleneck"])

        warm = trial(numbers[0])
        for chosen in rows[:10, numbers[0]]:
            warm.step(x.index_select(0, chosen), y.index_select(0, chosen))
        trials = [trial(number) for number in numbers]
        pipe.send("ready")
        pipe.recv()
        losses = []
        for number, one in zip(numbers, trials):
            for epoch in range(case["epochs"]):
                for i, chosen in enumerate(rows[:, number]):
                    loss = one.step(x.index_select(0, chosen), y.index_select(0, chosen))
                    if (epoch, i) == (0, 0):
                        first = loss.item()
            losses.append((first, loss.item()))
        pipe.send(losses)


def answer(case, pipes):
    count = max(len(pipes), case["trials"] // case.get("trialsFraction", 1))
    shares = [list(range(count))[i :: len(pipes)] for i in range(len(pipes))]
    for pipe, share in zip(pipes, shares):
        pipe.send((case, share))
    for pipe in pipes:
        pipe.recv()
    started = time.perf_counter()
    for pipe in pipes:
        pipe.send("go")
    losses = [pair for pipe in pipes for pair in pipe.recv()]
    seconds = time.perf_counter() - started
    first, last = (sum(column) / len(losses) for column in zip(*losses))
    return {
        "seconds": seconds,
        "compileSeconds": 0,
        "version": f"torch {torch.__version__}",
        "trialsRun": count,
        "losses": [first, last],
    }


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    pipes = []
    for line in sys.stdin:
        case = json.loads(line)
        while len(pipes) < case["threads"]:
            mine, theirs = context.Pipe()
            context.Process(target=work, args=(theirs,), daemon=True).start()
            pipes.append(mine)
        print(json.dumps(answer(case, pipes)), flush=True)
