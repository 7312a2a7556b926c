import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { domainOf, measured, plain, shareOf, short, strongest, withUnit } from '../../figures/numbers.ts';

describe('numbers of figures', () => {
  it('span the finite values with a margin, also of a single one and of none', () => {
    assert.deepEqual(domainOf([1, Number.NaN, 3, null], 0.5), [0, 4]);
    const [low, high] = domainOf([5, 5]);
    assert.ok(low < 5 && high > 5);
    assert.deepEqual(domainOf([]), [0, 1]);
  });

  it('share out a range', () => {
    assert.equal(shareOf([2, 4], 3), 0.5);
    assert.equal(shareOf([2, 4], 9), 1);
    assert.equal(shareOf([2, 4], -9), 0);
    assert.equal(shareOf([2, 2], 2), 0.5);
  });

  it('write numbers with their units and a real minus', () => {
    assert.equal(short(-0.012345), '−0.0123');
    assert.equal(measured(104.52, 'degree'), '104.5°');
    assert.equal(measured(-1.5, 'eV'), '−1.5 eV');
    assert.equal(measured(2, '1'), '2');
    assert.equal(measured(2, '1e-3 a0^2'), '2 × 1e-3 a0^2');
    assert.equal(measured(2, '1/angstrom'), '2 per angstrom');
    assert.equal(withUnit('C', '1/angstrom'), 'C / (1/angstrom)');
    assert.equal(withUnit('energy', 'eV'), 'energy / eV');
    assert.equal(withUnit('share', ''), 'share');
  });

  it('keep a hyphen for programs', () => {
    assert.deepEqual([short(-1), plain(-1)], ['−1', '-1']);
  });

  it('rank by size only where there are too many', () => {
    assert.deepEqual(strongest([1, -3, 2], 3), [0, 1, 2]);
    assert.deepEqual(strongest([1, -3, 2], 2), [1, 2]);
  });
});
