"""PyTorch, eager: one process per core, each of which trains its trials sequentially."""

import torch
import torch.nn.functional as F

from problem import initial_layers, mini_batches, problem
from processes import serve


class Trial:
    """Plain tensors with addmm and fused Adam: faster here than nn.Linear and foreach."""

    def __init__(self, layers, bottleneck):
        self.parameters = [(torch.tensor(w), torch.tensor(b)) for w, b in layers]
        self.flat = [p.requires_grad_() for pair in self.parameters for p in pair]
        self.linear = (bottleneck, len(layers) - 1)
        self.adam = torch.optim.Adam(self.flat, lr=1e-3, betas=(0.9, 0.99), fused=True)

    def loss(self, x, y):
        for i, (weights, bias) in enumerate(self.parameters):
            x = torch.addmm(bias, x, weights)
            if i not in self.linear:
                x = F.elu(x)
        return F.mse_loss(x, y)

    def step(self, x, y):
        loss = self.loss(x, y)
        self.adam.zero_grad()
        loss.backward()
        self.adam.step()


def prepare(case, numbers):
    torch.set_num_threads(1)
    x, y = (torch.tensor(values) for values in problem(case))
    layers = initial_layers(case)
    rows = torch.tensor(mini_batches(case))

    def trial(number):
        return Trial([(w[number], b[number]) for w, b in layers], case["bottleneck"])

    def loss(number, one):
        chosen = rows[0, number]
        with torch.no_grad():
            return one.loss(x.index_select(0, chosen), y.index_select(0, chosen)).item()

    warm = trial(numbers[0])
    for chosen in rows[:10, numbers[0]]:
        warm.step(x.index_select(0, chosen), y.index_select(0, chosen))
    trials = [trial(number) for number in numbers]

    def train():
        for number, one in zip(numbers, trials):
            for _ in range(case["epochs"]):
                for chosen in rows[:, number]:
                    one.step(x.index_select(0, chosen), y.index_select(0, chosen))

    def losses():
        return [loss(number, one) for number, one in zip(numbers, trials)]

    return 0, train, losses


def count_of(case, processes):
    return min(case["trials"], max(processes, case["trials"] // case.get("trialsFraction", 1)))


if __name__ == "__main__":
    serve(prepare, count_of, f"torch {torch.__version__}")
