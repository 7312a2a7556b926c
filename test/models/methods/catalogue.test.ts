import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cellName, describeRanks, isMethod, METHODS, PROJECTIONS, ranksOf } from '../../../models/methods/catalogue.ts';
import { cellLabel, METHOD_STYLES } from '../../../text/methods.ts';

describe('the catalogue of methods', () => {
  it('lists the ranks of a fit that covers all ranks, and the trained width of any other', () => {
    assert.deepEqual(ranksOf({ method: 'eca', k: 3 }), [1, 2, 3]);
    assert.deepEqual(ranksOf({ method: 'nnca', k: 3 }), [3]);
    assert.equal(describeRanks({ method: 'eca', k: 3 }), 'ranks 1 to 3');
    assert.equal(describeRanks({ method: 'ednn', k: 3 }), 'k = 3');
  });

  it('names a cell by method and width, or by the method alone', () => {
    assert.equal(cellName({ method: 'ednn', k: 2 }), 'ednn/2');
    assert.equal(cellName({ method: 'eca', k: 2 }), 'eca');
    assert.equal(cellLabel({ method: 'eca', k: 2 }), 'ECA, k = 2');
  });

  it('recognises the name of a method', () => {
    assert.deepEqual([...METHODS, 'pca', 1].filter(isMethod), ['ednn', 'eca', 'nnca']);
    assert.deepEqual(PROJECTIONS, ['eca', 'nnca']);
  });

  it('shows every method with a label, colour, mark and dash of its own', () => {
    for (const key of ['label', 'color', 'mark', 'dash'] as const) {
      assert.equal(new Set(METHODS.map((method) => METHOD_STYLES[method][key])).size, METHODS.length, key);
    }
  });
});
