import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Compare } from '../../../../dashboards/contract/compare.ts';
import { agreementTable, baselineTable, differenceSentence, parseSweeps } from '../../../../dashboards/web/compare/text.ts';
import { agreementSentence, chooseCell } from '../../../../dashboards/web/interpretation/cell.ts';
import type { CellReading } from '../../../../models/interpretation/interpretation.ts';

describe('texts of a comparison of sweeps', () => {
  it('are chosen each once', () => {
    assert.deepEqual(parseSweeps('b,a,,b'), ['b', 'a']);
    assert.deepEqual(parseSweeps(undefined), []);
  });

  it('say whether the same method and width differs between them', () => {
    const of = (sweepId: string, mean: number, half: number) => ({
      sweepId,
      dataset: 'water@1',
      trials: 3,
      coveredVariance: { mean, low: mean - half, high: mean + half, best: mean },
    });
    const told = (half: number) =>
      differenceSentence({ method: 'nnca', k: 1, sweeps: [of('a', 0.5, half), of('b', 0.6, half)] }, (id) => `sweep ${id}`);
    assert.equal(told(0.01), 'NNCA, k = 1: 0.600 in sweep b, 0.500 in sweep a: their intervals do not overlap.');
    assert.match(told(0.06), /their intervals overlap/);
  });

  it('put baselines of one name and width in one row, and leave gaps', () => {
    const compared = (name: string, baselines: { name: string; k: number | null; coveredVariance: number }[]) =>
      ({ sweep: { name }, comparison: { baselines } }) as unknown as Compare['comparisons'][number];
    const { head, rows } = baselineTable([
      compared('one', [{ name: 'ridge', k: null, coveredVariance: 0.4 }]),
      compared('two', [
        { name: 'ridge', k: null, coveredVariance: 0.5 },
        { name: 'pcr', k: 2, coveredVariance: 0.3 },
      ]),
    ]);
    assert.deepEqual(head, ['baseline', 'k', 'one', 'two']);
    assert.deepEqual(rows, [
      ['ridge', null, 0.4, 0.5],
      ['PCA regression', 2, null, 0.3],
    ]);
  });

  it('round angles to a thousandth of a degree', () => {
    const { rows } = agreementTable(
      [
        {
          sweeps: ['a', 'b'],
          reason: null,
          cells: [
            { method: 'eca', k: 2, trials: ['a-1', 'b-1'], agreement: { kind: 'principal-angles', angles: [2e-14, 2.71234] } },
          ],
        },
      ],
      (id) => id,
    );
    assert.deepEqual(rows[0]?.slice(0, 5), ['a and b', 'ECA', 2, 2.712, '0, 2.712']);
  });
});

const cell = (method: CellReading['method'], k: number, coveredVariance: number, components = method !== 'ednn') =>
  ({ method, k, coveredVariance, components: components ? [] : null, agreement: null, latents: [] }) as unknown as CellReading;

describe('an interpretation as its page reads it', () => {
  const cells = [cell('ednn', 1, 0.9), cell('eca', 1, 0.5), cell('eca', 2, 0.991), cell('eca', 3, 0.999), cell('nnca', 1, 0.6)];

  it('opens with a method whose components can be read, at the smallest width that is enough', () => {
    const opened = chooseCell(cells, undefined, undefined);
    assert.deepEqual([opened?.method, opened?.k], ['eca', 2]);
    assert.equal(chooseCell(cells, 'nnca', undefined)?.method, 'nnca');
    assert.equal(chooseCell(cells, 'eca', '1')?.k, 1);
    assert.equal(chooseCell(cells, 'eca', '9')?.k, 2);
    assert.equal(chooseCell([], undefined, undefined), null);
  });

  it('says whether seeds agree', () => {
    assert.match(agreementSentence(cell('eca', 1, 0.5)), /[Oo]ne seed/);
    const found = {
      ...cell('eca', 1, 0.5),
      agreement: { kind: 'principal-angles', pairs: 3, largest: { mean: 1.234, low: 1, high: 7.5 }, stable: false },
    } as CellReading;
    assert.equal(
      agreementSentence(found),
      'Over 3 pairs of seeds the subspaces are 1.23° apart on average and 7.5° at most: unstable.',
    );
    const whole = { ...found, components: [{ coefficients: [1, 0] }, { coefficients: [0, 1] }] } as unknown as CellReading;
    assert.match(agreementSentence(whole), /says nothing: as many components as descriptors/);
  });
});
