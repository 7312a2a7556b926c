"""Optuna's RDBStorage on Postgres: trials of a trivial objective, in one worker process per core.

Reads a request as a line of JSON: storage (a URL of SQLAlchemy), trials and processes.
"""

import json
import multiprocessing
import sys

import optuna
from optuna.samplers import RandomSampler
from optuna.trial import TrialState


def objective(trial):
    """As many values as a trial of bench/orchestration.ts has: method, width, learning rate, seed."""
    trial.suggest_categorical("method", ["ednn", "nnca", "eca"])
    k = trial.suggest_int("k", 1, 3)
    rate = trial.suggest_float("learningRate", 0.001, 0.1, log=True)
    trial.suggest_int("seed", 0, 9)
    return k - rate


def work(request, name, process):
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.load_study(study_name=name, storage=request["storage"], sampler=RandomSampler(seed=process))
    own = request["trials"] // request["processes"] + (process < request["trials"] % request["processes"])
    study.optimize(objective, n_trials=own)


if __name__ == "__main__":
    request = json.loads(sys.stdin.readline())
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    name = "bench"
    study = optuna.create_study(study_name=name, storage=request["storage"])
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work, args=(request, name, i)) for i in range(request["processes"])]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    completed = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(completed) != request["trials"]:
        sys.exit(f"{len(completed)} of {request['trials']} trials completed")
    # From the first trial's start: starting Python and loading Optuna is not a cost of trials.
    seconds = (max(one.datetime_complete for one in completed) - min(one.datetime_start for one in completed)).total_seconds()
    answer = {"msPerTrial": 1000 * seconds / len(completed), "trials": len(completed), "version": f"optuna {optuna.__version__}"}
    print(json.dumps(answer), flush=True)
