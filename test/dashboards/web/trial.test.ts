import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Columns } from '../../../dashboards/contract/columns.ts';
import { decodeField, fieldAt, findCentre } from '../../../dashboards/web/charts/fields/field.ts';
import {
  describeStructure,
  findNearest,
  formatPoint,
  latentRanges,
  latentsOf,
  parsePoint,
  shareBelow,
} from '../../../dashboards/web/explorer/latent-point.ts';
import { latentsFromColumns } from '../../../dashboards/web/trial/latent-columns.ts';
import { chooseRank, explainMissingWeights, reproduceCommand, specFileName } from '../../../dashboards/web/trial/text.ts';
import { strongest } from '../../../figures/numbers.ts';

const configured = (method: 'ednn' | 'eca' | 'nnca', k: number) =>
  ({ method, config: { k } }) as Parameters<typeof chooseRank>[0];

describe('words for a trial', () => {
  it('offer every rank of ECA, and the trained width alone of the other methods', () => {
    assert.equal(chooseRank(configured('eca', 3), '2'), 2);
    assert.equal(chooseRank(configured('eca', 3), undefined), 3);
    assert.equal(chooseRank(configured('eca', 3), '7'), 3);
    assert.equal(chooseRank(configured('ednn', 2), '1'), 2);
  });

  it('make one command for a shell of a spec, whatever the name of the sweep', () => {
    const trial = { sweepName: 'my sweep/2', index: 4, reproduce: 'name: x\nseeds: 1' };
    assert.equal(specFileName(trial), 'my-sweep-2-trial-4.yaml');
    assert.equal(
      reproduceCommand(trial),
      "cat > my-sweep-2-trial-4.yaml <<'END_OF_SPEC'\nname: x\nseeds: 1\nEND_OF_SPEC\nnarrows sweep start my-sweep-2-trial-4.yaml\n",
    );
  });

  it('explain missing weights by the outcome of the trial', () => {
    assert.match(explainMissingWeights({ outcome: 'pruned', rung: 1 }), /stopped after rung 1/);
    assert.match(explainMissingWeights({ outcome: 'diverged', rung: 0 }), /diverged/);
    assert.match(explainMissingWeights({ outcome: 'completed', rung: 0 }), /keeps those of its best trials/);
  });
});

const columns: Columns = {
  rows: 4,
  about: {},
  columns: [
    { name: 'row', values: Uint32Array.of(3, 8, 9, 20) },
    { name: 't1', values: Float32Array.of(-1, 0, 1, 2) },
    { name: 't2', values: Float32Array.of(10, 20, 30, 40) },
    { name: 't1', unit: 'kelvin', values: Float32Array.of(1, 2, 3, 4) },
  ],
};

describe('a place in latent space', () => {
  const latents = latentsFromColumns(columns, 2);
  const ranges = latentRanges(latents, [
    [-2, 1.5],
    [5, 35],
  ]);

  it('is made of columns in their order: a descriptor may be called t1 as well', () => {
    assert.equal(latents.t.length, 2);
    assert.deepEqual(
      latents.descriptors.map(({ name, unit }) => [name, unit]),
      [['t1', 'kelvin']],
    );
    assert.throws(() => latentsFromColumns(columns, 4), RangeError);
  });

  it('is within the ranges of the training and the known structures', () => {
    assert.deepEqual(
      ranges.map(({ low, high, median }) => [low, high, median]),
      [
        [-2, 2, 0.5],
        [5, 40, 25],
      ],
    );
  });

  it('goes into an address and back, held within the ranges', () => {
    assert.deepEqual(parsePoint(formatPoint([0.25, 12.5]), ranges), [0.25, 12.5]);
    assert.deepEqual(parsePoint('99,-99', ranges), [2, 5]);
    assert.equal(parsePoint('1', ranges), null);
    assert.equal(parsePoint('1,x', ranges), null);
    assert.equal(parsePoint(undefined, ranges), null);
  });

  it('has a nearest structure, each latent measured by its own range', () => {
    assert.equal(findNearest(latents, ranges, [0.2, 21]), 1);
    // By bare numbers the second latent alone would decide.
    assert.equal(findNearest(latents, ranges, [2, 34]), 3);
    assert.deepEqual(latentsOf(latents, 2), [1, 30]);
  });

  it('has a share of structures below it', () => {
    const sorted = Float64Array.of(1, 2, 2, 3);
    assert.equal(shareBelow(sorted, 2), 0.25);
    assert.equal(shareBelow(sorted, 9), 1);
    assert.equal(shareBelow(new Float64Array(0), 1), 0);
  });

  it('marks descriptors outside of what is known', () => {
    const [inside] = describeStructure(latents, [4.0000001]);
    assert.deepEqual([inside?.low, inside?.high, inside?.outside], [1, 4, false]);
    assert.equal(describeStructure(latents, [4.1])[0]?.outside, true);
    assert.equal(describeStructure(latents, [0.9])[0]?.outside, true);
  });
});

describe('a field as it is sent', () => {
  const axis = (name: string) => JSON.stringify({ name, unit: 'angstrom', from: 0, to: 2, points: 3 });
  const about = { axes0: axis('a'), axes1: axis('b'), axes2: axis('c') };
  const values = Float32Array.from({ length: 27 }, (_, i) => i);

  it('is read with its axes, the last running fastest', () => {
    const field = decodeField('eca', { rows: 27, columns: [{ name: 'value', values }], about });
    assert.deepEqual(
      field.axes.map(({ name }) => name),
      ['a', 'b', 'c'],
    );
    assert.equal(fieldAt(field, [1, 2, 0]), 9 + 6);
    assert.equal(fieldAt(field, [9, -9, 1.1]), 18 + 1);
  });

  it('has its centre where something is known', () => {
    const known = values.map((value, i) => (i >= 18 ? value : Number.NaN));
    const field = decodeField('eca', { rows: 27, columns: [{ name: 'value', values: known }], about });
    assert.deepEqual(findCentre(field), [2, 1, 1]);
    assert.ok(Number.isFinite(fieldAt(field, findCentre(field))));
  });

  it('is refused where axes and values do not fit', () => {
    assert.throws(
      () => decodeField('eca', { rows: 3, columns: [{ name: 'value', values: Float32Array.of(1, 2, 3) }], about }),
      RangeError,
    );
    assert.throws(() => decodeField('eca', { rows: 27, columns: [{ name: 'value', values }], about: {} }), RangeError);
  });
});

describe('what is worth room on a chart', () => {
  it('is the largest in size; few keep their order', () => {
    assert.deepEqual(strongest([1, -5, 3, 0], 2), [1, 2]);
    assert.deepEqual(strongest([1, -5, 3], 3), [0, 1, 2]);
  });
});
