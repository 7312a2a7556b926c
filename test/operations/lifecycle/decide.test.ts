import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SweepUse } from '../../../db/queries/lifecycle/sweep-uses.ts';
import { decideRemovals, describeUses } from '../../../operations/lifecycle/decide.ts';

const champion = (sweepId: string): SweepUse => ({ sweepId, kind: 'champion', name: 'water', by: null });
const warm = (sweepId: string, by: string): SweepUse => ({ sweepId, kind: 'warm-start', name: by, by });

const CASES: readonly (readonly [name: string, ids: string[], uses: SweepUse[], removed: string[]])[] = [
  ['nothing is needed', ['a', 'b'], [], ['a', 'b']],
  ['a champion is kept', ['a', 'b'], [champion('a')], ['b']],
  ['a source of a sweep that stays is kept', ['a'], [warm('a', 'z')], []],
  ['a source goes with the sweep that needs it', ['a', 'b'], [warm('a', 'b')], ['a', 'b']],
  [
    'a source stays with a sweep that is kept, over several steps',
    ['a', 'b', 'c'],
    [warm('a', 'b'), warm('b', 'c'), champion('c')],
    [],
  ],
  ['the order does not matter', ['c', 'b', 'a'], [warm('a', 'b'), warm('b', 'c'), champion('c')], []],
];

for (const [name, ids, uses, removed] of CASES) {
  test(name, () => {
    const decision = decideRemovals(ids, uses);
    assert.deepEqual([...decision.removed], removed);
    assert.deepEqual([...decision.kept.keys()].sort(), ids.filter((id) => !removed.includes(id)).sort());
  });
}

test('a kept sweep is explained by what needs it', () => {
  const { kept } = decideRemovals(['a'], [champion('a'), warm('a', 'near')]);
  assert.equal(
    describeUses(kept.get('a') ?? []),
    'the retraining water has or had champions of it, trials of near start from its models',
  );
});
