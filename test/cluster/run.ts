/**
 * `npm run test:cluster`: the tests of images, of the chart and of its processes on servers with
 * TLS, one after another; first it says what is kept from before and what has to be built.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../house/sources.ts';
import { withoutOpenssl } from '../support/programs/certificates.ts';
import { withoutPostgresPackage } from '../support/programs/postgres.ts';
import { describeImages } from './containers.ts';
import { withoutControlPlane } from './control-plane.ts';
import { withoutNetworks } from './network.ts';
import { describeBuilds } from './programs.ts';
import { withoutPrometheus } from './prometheus.ts';

const PARTS = ['images', 'chart', 'rollout'] as const;

/** Runs a test file; resolves to its exit code. */
async function run(part: (typeof PARTS)[number]): Promise<number> {
  const child = spawn(process.execPath, [join(ROOT, 'test/run.ts'), `test/cluster/${part}.ts`], { cwd: ROOT, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

const missing = [withoutControlPlane, withoutNetworks, withoutPostgresPackage, withoutOpenssl, withoutPrometheus];
const skipped = [...new Set(missing)].filter((reason) => reason !== false).map((reason) => `skips tests: ${reason}`);
for (const line of [...describeImages(), ...(await describeBuilds()), ...skipped]) console.log(line);
for (const part of PARTS) {
  console.log(`\nnpm run test:${part}`);
  // The others are run all the same.
  process.exitCode = (await run(part)) || process.exitCode || 0;
}
