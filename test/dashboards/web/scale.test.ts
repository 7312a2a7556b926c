import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { domainOf, measured, quantile, rising, shareOf, short, withUnit } from '../../../dashboards/web/charts/scale.ts';

describe('scales of charts', () => {
  it('span the finite values with a margin, also of a single one and of none', () => {
    assert.deepEqual(domainOf([1, Number.NaN, 3, null], 0.5), [0, 4]);
    const [low, high] = domainOf([5, 5]);
    assert.ok(low < 5 && high > 5);
    assert.deepEqual(domainOf([], 0, [2, 3]), [2, 3]);
  });

  it('share out a range', () => {
    assert.equal(shareOf([2, 4], 3), 0.5);
    assert.equal(shareOf([2, 4], 9), 1);
    assert.equal(shareOf([2, 4], -9), 0);
    assert.equal(shareOf([2, 2], 2), 0.5);
    assert.equal(quantile([0, 10, 20], 0.25), 5);
  });

  it('colour a share between the two stops around it', () => {
    assert.equal(rising(0), 'color-mix(in oklab, var(--rising-1) 0%, var(--rising-0))');
    assert.equal(rising(0.375), 'color-mix(in oklab, var(--rising-2) 50%, var(--rising-1))');
    assert.equal(rising(7), 'color-mix(in oklab, var(--rising-4) 100%, var(--rising-3))');
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
});
