/**
 * Trains networks of random shapes on builds of the kernel in which undefined behaviour ends the
 * process, between pages that nobody may touch, and compares gradients with the reference's.
 *
 * `npm run soak:kernel`, or `npm run soak:kernel -- --shapes 500 --seed 2` for a quick run
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runGuardedShapes } from '../support/guarded/runs.ts';

const { values } = parseArgs({
  options: { shapes: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
});
const [shapes, seed] = [Number(values.shapes), Number(values.seed)];
const folder = mkdtempSync(join(tmpdir(), 'narrows-guarded-'));
try {
  const { findings, builds } = runGuardedShapes(folder, seed, shapes);
  for (const finding of findings) console.error(`${finding.build}, shape ${finding.shape}: ${finding.end}`);
  console.log(JSON.stringify({ soak: 'kernel', builds, shapes, seed, findings: findings.length }));
  if (findings.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
