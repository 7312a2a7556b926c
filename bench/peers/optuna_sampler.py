"""Optuna's samplers, which answer each line of JSON with one.

{"space": {name: dimension}, "seed", "sampler", "objectives"} begins a study of so many losses; a dimension may have a
"condition": the choices "values" of its "parent" with which it exists. {"ended": [[number, losses], ...]} has what ended
since the last point, with the losses null where it diverged; the answer is the next point.
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


def tpe(seed, is_conditional):
    # Parameters that occur together are then modelled together.
    return optuna.samplers.TPESampler(multivariate=True, group=is_conditional, constant_liar=True, seed=seed)


SAMPLERS = {
    "tpe": tpe,
    "motpe": tpe,
    "gp": lambda seed, _: optuna.samplers.GPSampler(seed=seed),
    "cmaes": lambda seed, _: optuna.samplers.CmaEsSampler(seed=seed),
    "nsga2": lambda seed, _: optuna.samplers.NSGAIISampler(seed=seed),
}


def distribution(dimension):
    if dimension["kind"] == "choice":
        # Layers are lists, which are no choices of Optuna.
        return CategoricalDistribution(list(range(len(dimension["values"]))))
    kind = IntDistribution if dimension.get("whole") else FloatDistribution
    return kind(dimension["low"], dimension["high"], log=dimension["kind"] == "log")


def begin(request):
    space = {name: distribution(one) for name, one in request["space"].items()}
    conditions = {name: one["condition"] for name, one in request["space"].items() if "condition" in one}
    sampler = SAMPLERS[request["sampler"]](request["seed"], bool(conditions))
    study = optuna.create_study(directions=["minimize"] * request["objectives"], sampler=sampler)
    return space, conditions, study


def suggest(trial, name, one):
    if isinstance(one, CategoricalDistribution):
        return trial.suggest_categorical(name, one.choices)
    if isinstance(one, IntDistribution):
        return trial.suggest_int(name, one.low, one.high, log=one.log)
    return trial.suggest_float(name, one.low, one.high, log=one.log)


def ask(space, conditions, study):
    """Returns the parameters of the next trial; where some depend on others, one after another."""
    if not conditions:
        return study.ask(space).params
    trial = study.ask()
    params = {}
    for name, one in space.items():
        condition = conditions.get(name)
        if condition is None or params[condition["parent"]] in condition["values"]:
            params[name] = suggest(trial, name, one)
    return params


def next_point(space, conditions, study, ended):
    for number, losses in ended:
        # Failed trials would teach it nothing.
        study.tell(number, [float("inf")] * len(study.directions) if losses is None else losses)
    return ask(space, conditions, study)


def random_trials(space, count, objectives):
    generator = np.random.default_rng(1)

    def draw(one):
        if isinstance(one, CategoricalDistribution):
            return int(generator.integers(len(one.choices)))
        u = generator.random()
        value = one.low * (one.high / one.low) ** u if one.log else one.low + (one.high - one.low) * u
        return int(value) if isinstance(one, IntDistribution) else value

    for _ in range(count):
        params = {name: draw(one) for name, one in space.items()}
        yield create_trial(params=params, distributions=space, values=list(generator.random(objectives)))


def time_proposal(space, study, observations):
    """Returns the processor seconds of a proposal, without those of the first."""
    losses = [0.5] * len(study.directions)
    study.add_trials(random_trials(space, observations, len(losses)))
    study.tell(study.ask(space), losses)
    started = time.process_time()
    for _ in range(TIMED):
        study.tell(study.ask(space), losses)
    return (time.process_time() - started) / TIMED


for line in sys.stdin:
    request = json.loads(line)
    if "space" in request:
        space, conditions, study = begin(request)
        answer = {"version": f"optuna {optuna.__version__}"}
    elif "ended" in request:
        answer = {"point": next_point(space, conditions, study, request["ended"])}
    else:
        answer = {"seconds": time_proposal(space, study, request["observations"])}
    print(json.dumps(answer), flush=True)
