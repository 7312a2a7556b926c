/** Schedules of packs and promotions, as tables and in simulated sweeps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideReached, type Entrant } from '../../search/stopping/asynchronous.ts';
import { decidePromotions } from '../../search/stopping/halving.ts';
import { checkReached, type ReachedTrial } from '../../search/stopping/verification.ts';
import type { PackPlace } from '../../workflows/packs-in-flight.ts';
import {
  areTrained,
  type DuePromotion,
  enter,
  findDuePromotion,
  findEndedRung,
  nextPack,
  type OpenRoute,
  type OpenRung,
  openRoutes,
  positionOf,
  restart,
} from '../../workflows/rungs.ts';
import type { PackRoute, SweepInput } from '../../workflows/sweep-input.ts';

/** A route by its rungs, each as 'entrants/next', or 'entrants/next/ended'. */
function routeAt(rungs: string, decided = 0, window = 9): OpenRoute {
  const open = rungs.split(' ').map((rung): OpenRung => {
    const [entrants = 0, next = 0, ended = 0] = rung.split('/').map(Number);
    return { entrants, next, ended };
  });
  return { ...{ class: 'cpu', engine: null, planned: open[0]?.entrants ?? 0, window, decided }, rungs: open };
}

const SIZES = [10, 5, 2];

const packs: readonly { name: string; route: OpenRoute; inFlight: number; next: readonly [number, number, number] | null }[] = [
  {
    name: 'the first of the first rung',
    route: routeAt('100/0 0/0 0/0'),
    inFlight: 0,
    next: [0, 0, 10],
  },
  {
    name: 'none while the window is full',
    route: routeAt('100/90 0/0 0/0'),
    inFlight: 9,
    next: null,
  },
  {
    name: 'the last of the first rung need not be full',
    route: routeAt('97/90 0/0 0/0'),
    inFlight: 8,
    next: [0, 90, 97],
  },
  {
    name: 'a full one of a higher rung comes first',
    route: routeAt('100/50 12/5 0/0'),
    inFlight: 8,
    next: [1, 5, 10],
  },
  {
    name: 'the highest before others',
    route: routeAt('100/50 20/15 2/0'),
    inFlight: 8,
    next: [2, 0, 2],
  },
  {
    name: 'a higher rung waits until a pack is full',
    route: routeAt('100/50 9/5 1/0'),
    inFlight: 8,
    next: [0, 50, 60],
  },
  {
    name: 'so long as trainers have packs',
    route: routeAt('100/100 9/5 1/0'),
    inFlight: 3,
    next: null,
  },
  {
    name: 'none of rungs before those that are decided',
    route: routeAt('100/0 20/20 0/0', 1),
    inFlight: 0,
    next: null,
  },
  {
    name: 'but no trainer waits',
    route: routeAt('100/100 9/5 0/0'),
    inFlight: 2,
    next: [1, 5, 9],
  },
  {
    name: 'with the highest rung first',
    route: routeAt('100/100 9/5 1/0'),
    inFlight: 2,
    next: [2, 0, 1],
  },
  {
    name: 'also with the smallest window',
    route: routeAt('100/100 9/5 0/0', 0, 1),
    inFlight: 0,
    next: [1, 5, 9],
  },
  {
    name: 'the last of a rung that nobody enters any more',
    route: routeAt('100/100 33/30 1/0', 1),
    inFlight: 8,
    next: [1, 30, 33],
  },
  {
    name: 'none when all are scheduled',
    route: routeAt('100/100 33/33 1/1', 1),
    inFlight: 0,
    next: null,
  },
];

for (const { name, route, inFlight, next } of packs) {
  test(`the next pack: ${name}`, () => {
    const expected = next && { rung: next[0], from: next[1], to: next[2] };
    assert.deepEqual(nextPack(route, SIZES, inFlight), expected);
  });
}

const at = (rung: number, route = 0): PackPlace => ({ route, rung, from: 0, to: 1 });
const due = (rung: number, isComplete = false, route = 0): DuePromotion => ({ route, rung, isComplete });

const promotions: readonly { name: string; routes: readonly OpenRoute[]; inFlight?: PackPlace[]; due: DuePromotion | null }[] = [
  {
    name: 'none before a pack has ended',
    routes: [routeAt('100/30 0/0 0/0')],
    inFlight: [at(0)],
    due: null,
  },
  {
    name: 'past a rung of which a pack has ended',
    routes: [routeAt('100/30/1 0/0 0/0')],
    inFlight: [at(0)],
    due: due(0),
  },
  {
    name: 'past the lowest of several',
    routes: [routeAt('100/30/1 9/5/1 0/0')],
    inFlight: [at(0)],
    due: due(0),
  },
  {
    name: 'never past the last',
    routes: [routeAt('100/30 9/5 2/2/1')],
    inFlight: [at(0)],
    due: null,
  },
  {
    name: 'of many packs, a few at a time',
    routes: [routeAt('5000/3000/2 0/0 0/0')],
    inFlight: [at(0)],
    due: null,
  },
  {
    name: 'a hundredth of them',
    routes: [routeAt('5000/3000/3 0/0 0/0')],
    inFlight: [at(0)],
    due: due(0),
  },
  {
    name: 'fewer where nothing else can be scheduled',
    routes: [routeAt('3000/3000/1 0/0 0/0')],
    inFlight: [at(0)],
    due: due(0),
  },
  {
    name: 'a rung is complete with its last pack',
    routes: [routeAt('100/100/1 9/5 0/0')],
    inFlight: [at(1)],
    due: due(0, true),
  },
  {
    name: 'and not while it may have more entrants',
    routes: [routeAt('100/100 9/9/1 0/0')],
    inFlight: [at(0)],
    due: due(1),
  },
  {
    name: 'nor without a promotion past the one before',
    routes: [routeAt('100/100 9/9 0/0', 1)],
    due: due(1, true),
  },
  {
    name: 'each route by itself',
    routes: [routeAt('9/5 0/0'), routeAt('8/8 0/0')],
    inFlight: [at(0)],
    due: due(0, true, 1),
  },
  {
    name: 'a rung without entrants is complete',
    routes: [routeAt('9/9 0/0 0/0', 1)],
    due: due(1, true),
  },
  {
    name: 'none when all rungs are trained',
    routes: [routeAt('9/9 3/3 1/1', 2)],
    due: null,
  },
];

for (const { name, routes, inFlight = [], due: expected } of promotions) {
  test(`promotion: ${name}`, () => assert.deepEqual(findDuePromotion(routes, SIZES, inFlight), expected));
}

test('rungs that follow one another end on all routes together', () => {
  const first = () => routeAt('9/9 0/0');
  assert.equal(findEndedRung([first(), routeAt('9/5 0/0')], []), null);
  assert.equal(findEndedRung([first(), first()], [at(0, 1)]), null);
  assert.deepEqual(findEndedRung([first(), first()], []), { route: null, rung: 0, isComplete: true });
  assert.equal(findEndedRung([routeAt('9/9 3/3', 1)], []), null);
  assert.ok(areTrained([routeAt('9/9 3/3', 1)], []));
  assert.ok(!areTrained([routeAt('9/9 3/3', 0)], []));
  assert.ok(!areTrained([routeAt('9/9 3/3', 1)], [at(1)]));
});

test('a retry begins at the first rung', () => {
  const route = routeAt('9/9/1 3/3 1/1', 2);
  restart(route);
  assert.deepEqual(route, routeAt('9/0 0/0 0/0'));
});

const ROUTES: readonly PackRoute[] = [
  { class: 'cpu', engine: null, methods: ['eca'], planned: 9, window: 3 },
  { class: 'gpu', engine: null, methods: ['ednn'], planned: 8, window: 3 },
];

test('positions are read as they are written', () => {
  const input: SweepInput = { sweepId: 's', planned: 17, packSizes: [4, 2], window: 3 };
  const cursor = { stage: 'train', paused: false, retryRequested: false } as const;
  for (const routes of [undefined, ROUTES]) {
    for (const asynchronous of [undefined, true] as const) {
      const begun = { ...input, ...(routes && { routes }), ...(asynchronous && { asynchronous }) };
      const open = openRoutes(begun);
      assert.deepEqual(
        open.map(({ rungs }) => rungs[0]?.entrants),
        routes ? [9, 8] : [17],
      );
      for (const route of open) {
        Object.assign(route.rungs[0] ?? {}, { next: 8 });
        if (asynchronous) enter(route, { rung: 0, isComplete: false }, 3);
      }
      const place = { ...cursor, ...positionOf(open, asynchronous === true) };
      assert.deepEqual([place.rung, place.entrants, place.next], [0, 17, routes ? 16 : 8]);
      const again = openRoutes({ ...begun, place });
      assert.deepEqual(positionOf(again, asynchronous === true), positionOf(open, asynchronous === true));
      assert.equal(again[0].rungs[0]?.ended, asynchronous ? 8 : 0, 'packs of the run before count as ended');
    }
  }
});

test('a sweep that resumes in a later rung trains nothing of earlier ones', () => {
  const input: SweepInput = { sweepId: 's', planned: 17, packSizes: [4, 2], window: 3 };
  const place = { stage: 'train', rung: 1, entrants: 8, next: 6, paused: false, retryRequested: false } as const;
  const [half, rest] = [
    { entrants: 5, next: 4 },
    { entrants: 3, next: 2 },
  ];
  const [alone] = openRoutes({ ...input, place });
  assert.deepEqual(nextPack(alone, [4, 2], 0), { rung: 1, from: 6, to: 8 });
  const routes = openRoutes({ ...input, routes: ROUTES, place: { ...place, byRoute: [half, rest] } });
  for (const route of [alone, ...routes]) {
    const last = route.rungs[1] as OpenRung;
    last.next = last.entrants;
    assert.equal(nextPack(route, [4, 2], 0), null);
  }
  assert.ok(areTrained([alone], []) && areTrained(routes, []));
  assert.equal(findEndedRung(routes, []), null);
});

/** A number of [0, 1), the same in each run. */
function drawer(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface SimulatedTrial extends Pick<Entrant, 'index' | 'cell' | 'partition' | 'configurationHash'> {
  readonly route: number;
  /** Validation score at the end of each rung. */
  readonly scores: readonly number[];
  /** Rungs that it was trained in, in this order. */
  readonly trained: number[];
  promotedInto: number;
  isPruned: boolean;
  isLost: boolean;
}

interface Setting {
  readonly seed: number;
  readonly routes: number;
  readonly configurations: number;
  readonly seeds: number;
  readonly packSizes: readonly number[];
  readonly reduction: number;
  readonly window: number;
}

/** Trains a sweep of one cell for each route whose packs end in random order, with faults. */
function simulate({ seed, routes: count, configurations, seeds, packSizes, reduction, window }: Setting) {
  const draw = drawer(seed);
  const trials: SimulatedTrial[] = Array.from({ length: count * configurations * seeds }, (_, index) => {
    const configuration = Math.floor(index / seeds);
    const quality = draw();
    return {
      ...{ index, route: configuration % count, cell: `cell ${configuration % count}`, partition: 0 },
      configurationHash: `h${configuration}`,
      scores: packSizes.map(() => quality + 0.2 * draw()),
      ...{ trained: [], promotedInto: 0, isPruned: false, isLost: false },
    };
  });
  const ofRoute = (route: number) => trials.filter((trial) => trial.route === route);
  /** Places of each route and rung; those of later rungs in the order of promotion. */
  const places = Array.from({ length: count }, (_, route) => packSizes.map((_, rung) => (rung === 0 ? ofRoute(route) : [])));
  const planned = configurations * seeds;
  const input: SweepInput = {
    ...{ sweepId: 's', planned: count * planned, packSizes, asynchronous: true },
    routes: places.map(() => ({ class: 'cpu', engine: null, planned, window })),
  };
  let routes = openRoutes(input);
  let [inFlight, decisions, most] = [[] as PackPlace[], 0, 0];

  const train = ({ route, rung, from, to }: PackPlace) => {
    for (const trial of places[route]?.[rung]?.slice(from, to) ?? []) {
      if (trial.isLost || trial.trained.includes(rung)) continue;
      if (draw() < 0.02) trial.isLost = true;
      else trial.trained.push(rung);
    }
  };
  const promote = ({ route, rung, isComplete }: DuePromotion) => {
    const own = places[route as number] as SimulatedTrial[][];
    const entrants = (own[rung] ?? [])
      .filter(({ trained, isLost }) => rung > 0 || isLost || trained.length > 0)
      .map(({ index, cell, partition, configurationHash, ...trial }): Entrant => {
        const hasEnded = trial.trained.includes(rung);
        return {
          ...{ index, cell, partition, configurationHash },
          validation: hasEnded ? (trial.scores[rung] as number) : null,
          isPending: !hasEnded && !trial.isLost,
          decided: trial.promotedInto > rung ? 'promoted' : trial.isPruned ? 'pruned' : null,
        };
      });
    const context = { rung, seeds: rung === 0 ? seeds : 1, isComplete, pointOf: (index: number) => index };
    const decision = decideReached({ reduction, rungs: packSizes.length }, entrants, context);
    for (const index of decision.promoted) {
      const trial = trials[index] as SimulatedTrial;
      assert.ok(!trial.isPruned && trial.promotedInto === rung, 'no trial is decided twice');
      trial.promotedInto = rung + 1;
      own[rung + 1]?.push(trial);
    }
    for (const index of decision.pruned) (trials[index] as SimulatedTrial).isPruned = true;
    decisions += 1;
    const open = routes[route as number] as OpenRoute;
    (open.rungs[rung] as OpenRung).ended = 0;
    enter(open, { rung, isComplete }, own[rung + 1]?.length ?? 0);
  };
  const interrupt = () => {
    for (const { route, rung, from } of inFlight) {
      const open = routes[route]?.rungs[rung] as OpenRung;
      open.next = Math.min(open.next, from);
    }
    inFlight = [];
  };

  for (let step = 0; step < 100_000; step++) {
    const route = routes.findIndex((one, i) => nextPack(one, packSizes, inFlight.filter((place) => place.route === i).length));
    const pack = routes[route] && nextPack(routes[route], packSizes, inFlight.filter((place) => place.route === route).length);
    const promotion = pack ? null : findDuePromotion(routes, packSizes, inFlight);
    if (pack) {
      (routes[route]?.rungs[pack.rung] as OpenRung).next = pack.to;
      inFlight.push({ route, ...pack });
      most = Math.max(most, inFlight.length);
    } else if (promotion) {
      promote(promotion);
    } else if (areTrained(routes, inFlight)) {
      return { trials, places, decisions, most };
    } else {
      assert.ok(inFlight.length > 0, 'something is left to wait for');
      const [ended] = inFlight.splice(Math.floor(draw() * inFlight.length), 1) as [PackPlace];
      train(ended);
      (routes[ended.route]?.rungs[ended.rung] as OpenRung).ended += 1;
      // A pause, and a continuation as new.
      if (draw() < 0.05) interrupt();
      if (draw() < 0.05) {
        interrupt();
        const place = { stage: 'train', paused: false, retryRequested: false, ...positionOf(routes, true) } as const;
        routes = openRoutes({ ...input, place });
      }
    }
  }
  throw new Error('the sweep never ends');
}

test('in any order, no trial is lost or trained twice, and the best of each rung go on', () => {
  for (let seed = 0; seed < 60; seed++) {
    const draw = drawer(1000 + seed);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)] as T;
    const setting: Setting = {
      ...{ seed, routes: pick([1, 2]), configurations: 1 + Math.floor(draw() * 80), seeds: pick([1, 2, 3]) },
      ...{
        packSizes: pick([
          [7, 4],
          [10, 5, 2],
          [1, 1, 1],
          [30, 20, 10, 5],
        ]),
        reduction: pick([2, 3, 4]),
        window: pick([1, 3, 12]),
      },
    };
    const { trials, places, most } = simulate(setting);
    const last = setting.packSizes.length - 1;
    assert.ok(most <= setting.routes * setting.window);
    for (const { trained, promotedInto, isPruned, isLost } of trials) {
      assert.deepEqual(
        trained,
        Array.from({ length: promotedInto + (isLost ? 0 : 1) }, (_, rung) => rung),
        'it was trained once in each rung that it entered',
      );
      assert.ok(isLost || isPruned !== (promotedInto === last), 'it was pruned, or trained to the end');
    }
    for (const own of places) {
      for (const [rung, entrants] of own.slice(0, -1).entries()) {
        const reached = entrants.filter(({ trained }) => trained.includes(rung));
        const scores = reached.map((trial) => ({ ...trial, validation: trial.scores[rung] as number, decided: null }));
        const best = decidePromotions(scores, setting.reduction).promoted;
        assert.ok(best.every((index) => (trials[index]?.promotedInto ?? 0) > rung));
        const places = new Map(own[rung + 1]?.map(({ index }, place) => [index, place]));
        const decided = scores.map((trial): ReachedTrial => {
          const fate = trial.promotedInto > rung ? 'promoted' : trial.isPruned ? 'pruned' : null;
          return { ...trial, decided: fate, place: places.get(trial.index) ?? null };
        });
        const halving = { reduction: setting.reduction, rungs: own.length };
        const { faults } = checkReached(halving, decided, { rung, pointOf: (index) => index });
        assert.deepEqual(faults, [], 'verification finds every decision possible');
        for (const siblings of Map.groupBy(reached, ({ configurationHash }) => configurationHash).values())
          assert.equal(new Set(siblings.map(({ promotedInto }) => promotedInto > rung)).size, 1);
      }
    }
  }
});

test('about one configuration of each `reduction` goes on', () => {
  const setting = { routes: 1, seeds: 1, packSizes: [5, 5, 5], reduction: 3, window: 12 };
  for (let seed = 0; seed < 5; seed++) {
    const { places } = simulate({ ...setting, seed, configurations: 600 });
    const [first, second, third] = (places[0] ?? []).map(({ length }) => length) as [number, number, number];
    assert.ok(second >= 0.97 * (first / 3) && second <= 1.25 * (first / 3), `${second} of ${first}`);
    assert.ok(third >= 0.9 * (second / 3) && third <= 1.4 * (second / 3), `${third} of ${second}`);
  }
});
