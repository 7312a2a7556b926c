import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featuresOf } from '../../../../models/engines/kernel/processor.ts';

test('the features of a processor are those of its flags', () => {
  const text =
    'processor\t: 0\nmodel name\t: Xeon avx512f\nflags\t\t: fpu avx2 fma\nbugs\t\t: spectre\n\nprocessor\t: 1\nflags\t\t: fpu\n';
  assert.deepEqual([...featuresOf(text)], ['fpu', 'avx2', 'fma']);
  // Other processors list "Features", which name no x86 ones.
  assert.deepEqual([...featuresOf('processor\t: 0\nFeatures\t: fp asimd\n')], []);
});
