import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellName } from '../../models/methods/catalogue.ts';
import { isDefaultRoute, routesOf, shortenResources, slotsFor, type TrainerGroup, unservedRoutes } from '../../search/routes.ts';
import { cellsOf, numberTrials, trialCount, trialsOf } from '../../search/space.ts';
import { specOf } from './specs.ts';

const CPU = { class: 'cpu', engine: null };

test('a spec that asks for no trainers has one route, that of every sweep before there were classes', () => {
  const routes = routesOf(specOf());
  assert.deepEqual(routes, [{ ...CPU, methods: ['ednn', 'eca', 'nnca'] }]);
  assert.ok(isDefaultRoute(routes));
});

test('methods that ask for the same trainers share a route', () => {
  const routes = (changes: Record<string, unknown>) => routesOf(specOf(changes));
  assert.deepEqual(routes({ class: 'gpu' }), [{ class: 'gpu', engine: null, methods: ['ednn', 'eca', 'nnca'] }]);
  assert.deepEqual(routes({ class: { ednn: 'gpu', nnca: 'gpu' } }), [
    { class: 'gpu', engine: null, methods: ['ednn', 'nnca'] },
    { ...CPU, methods: ['eca'] },
  ]);
  assert.deepEqual(routes({ class: { ednn: 'gpu', nnca: 'gpu' }, engine: { nnca: 'tfjs' } }), [
    { class: 'gpu', engine: null, methods: ['ednn'] },
    { ...CPU, methods: ['eca'] },
    { class: 'gpu', engine: 'tfjs', methods: ['nnca'] },
  ]);
  assert.ok(!isDefaultRoute(routes({ engine: 'kernel' })));
});

test('what is asked for is written as short as possible', () => {
  const short = (changes: Record<string, unknown>) => {
    const { class: named, engine } = specOf(changes);
    return { ...(named !== undefined && { class: named }), ...(engine !== undefined && { engine }) };
  };
  assert.deepEqual(short({ class: 'cpu' }), {});
  assert.deepEqual(short({ class: { ednn: 'gpu', eca: 'gpu', nnca: 'gpu' } }), { class: 'gpu' });
  assert.deepEqual(short({ class: { ednn: 'cpu', eca: 'gpu' } }), { class: { eca: 'gpu' } });
  assert.deepEqual(short({ engine: { ednn: 'tfjs' } }), { engine: { ednn: 'tfjs' } });
  const part = shortenResources({ methods: ['eca'], class: { ednn: 'gpu', eca: 'large' }, engine: { ednn: 'tfjs' } });
  assert.deepEqual(part, { class: 'large' }, 'without methods that are not trained');
});

const group = (name: string, engines: readonly string[], slots: number): TrainerGroup => ({
  class: name,
  engines,
  trainers: slots / 2,
  slots,
});
const TRAINERS = [group('cpu', ['kernel'], 8), group('gpu', ['kernel', 'tfjs'], 2), group('gpu', ['tfjs'], 4)];

test('only trainers of the class, and with the engine where one is asked for, count', () => {
  const slots = (name: string, engine: 'kernel' | 'tfjs' | null) => slotsFor(TRAINERS, { class: name, engine });
  assert.deepEqual([slots('cpu', null), slots('gpu', null), slots('large', null)], [8, 6, 0]);
  assert.deepEqual([slots('cpu', 'tfjs'), slots('gpu', 'kernel'), slots('gpu', 'tfjs')], [0, 2, 6]);
});

test('routes without a trainer are found', () => {
  const unserved = (changes: Record<string, unknown>) =>
    unservedRoutes(specOf(changes), TRAINERS).map(({ class: name, engine, methods }) => [name, engine, ...methods]);
  assert.deepEqual(unserved({}), []);
  assert.deepEqual(unserved({ class: { eca: 'large' } }), [['large', null, 'eca']]);
  assert.deepEqual(unserved({ engine: { ednn: 'tfjs', eca: 'kernel' } }), [['cpu', 'tfjs', 'ednn']]);
  assert.deepEqual(unservedRoutes(specOf(), []).length, 1);
});

for (const [name, changes] of Object.entries({
  'a grid': {},
  'points that do not fill the last round': { sampler: { random: { trials: 8 * 5 } } },
  'several partitions': { split: { folds: 3 } },
})) {
  test(`the trials of some methods are numbered among those of all: ${name}`, () => {
    const spec = specOf(changes);
    const { positionOf } = numberTrials(spec);
    const methodOf = (index: number) => cellsOf(spec)[positionOf(index).cell]?.method;
    const all = Array.from({ length: trialCount(spec) }, (_, index) => index);
    for (const methods of [['ednn'], ['eca'], ['nnca', 'eca'], ['ednn', 'eca', 'nnca']] as const) {
      const { count, indexAt } = trialsOf(spec, methods);
      const expected = all.filter((index) => methods.some((method) => method === methodOf(index)));
      assert.deepEqual(
        Array.from({ length: count }, (_, place) => indexAt(place)),
        expected,
        methods.join(),
      );
    }
    assert.equal(trialsOf(spec).count, trialCount(spec));
    const names = ['ednn/2', 'nnca/1', 'eca'];
    for (const methods of [undefined, ['ednn'], ['nnca', 'eca']] as const) {
      const { count, indexAt } = trialsOf(spec, methods, names);
      const expected = all.filter((index) => {
        const cell = cellsOf(spec)[positionOf(index).cell];
        return cell && names.includes(cellName(cell)) && (methods?.some((method) => method === cell.method) ?? true);
      });
      assert.deepEqual(
        Array.from({ length: count }, (_, place) => indexAt(place)),
        expected,
      );
    }
  });
}
