"""Optuna's samplers, which answer each line of JSON with one.

{"space": {name: dimension}, "seed", "sampler"} begins a study. {"ended": [[number, loss], ...]} has what ended
since the last point, with the loss null where it diverged; the answer is the next point.
{"observations": n} stores n random points and answers with the seconds of one proposal.
"""

import json
import sys
import time
import warnings

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import create_trial

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")

TIMED = 10

SAMPLERS = {
    "tpe": lambda seed: optuna.samplers.TPESampler(multivariate=True, constant_liar=True, seed=seed),
    "gp": lambda seed: optuna.samplers.GPSampler(seed=seed),
    "cmaes": lambda seed: optuna.samplers.CmaEsSampler(seed=seed),
}


def distribution(dimension):
    if dimension["kind"] == "choice":
        # Layers are lists, which are no choices of Optuna.
        return CategoricalDistribution(list(range(len(dimension["values"]))))
    kind = IntDistribution if dimension.get("whole") else FloatDistribution
    return kind(dimension["low"], dimension["high"], log=dimension["kind"] == "log")


def begin(request):
    space = {name: distribution(one) for name, one in request["space"].items()}
    sampler = SAMPLERS[request["sampler"]](request["seed"])
    return space, optuna.create_study(sampler=sampler)


def next_point(space, study, ended):
    for number, loss in ended:
        # Failed trials would teach it nothing.
        study.tell(number, float("inf") if loss is None else loss)
    return study.ask(space).params


def random_trials(space, count):
    generator = np.random.default_rng(1)

    def draw(one):
        if isinstance(one, CategoricalDistribution):
            return int(generator.integers(len(one.choices)))
        u = generator.random()
        value = one.low * (one.high / one.low) ** u if one.log else one.low + (one.high - one.low) * u
        return int(value) if isinstance(one, IntDistribution) else value

    for _ in range(count):
        params = {name: draw(one) for name, one in space.items()}
        yield create_trial(params=params, distributions=space, value=generator.random())


def time_proposal(space, study, observations):
    """Returns the processor seconds of a proposal, without those of the first."""
    study.add_trials(random_trials(space, observations))
    study.tell(study.ask(space), 0.5)
    started = time.process_time()
    for _ in range(TIMED):
        study.tell(study.ask(space), 0.5)
    return (time.process_time() - started) / TIMED


for line in sys.stdin:
    request = json.loads(line)
    if "space" in request:
        space, study = begin(request)
        answer = {"version": f"optuna {optuna.__version__}"}
    elif "ended" in request:
        answer = {"point": next_point(space, study, request["ended"])}
    else:
        answer = {"seconds": time_proposal(space, study, request["observations"])}
    print(json.dumps(answer), flush=True)
