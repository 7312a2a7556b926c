import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readEnvironment } from '../../../infra/env.ts';
import { openHome } from '../../../infra/home.ts';
import { findPrivateNetworks } from '../../../infra/processes/private-network.ts';
import { openLog } from '../../../infra/processes/rotating-log.ts';
import { findTemporalCli } from '../../../infra/temporal/cli.ts';
import { servesNamespace, startTemporal, TEMPORAL_SHUTDOWN } from '../../../infra/temporal/server.ts';
import { temporaryFolder } from '../folders.ts';

const found = await findPrivateNetworks();
const { path: cli } = await findTemporalCli(readEnvironment(), { onDownload: () => {} });

const PANIC = 'panic: runtime error: invalid memory address or nil pointer dereference';

for (const [where, networks] of [
  ['on an open port', null],
  ['behind its gate', found],
] as const) {
  const skip = networks !== null && 'missing' in networks && networks.missing;

  test(`a start that ends as a port was taken is repeated, ${where}`, { skip }, async (t) => {
    assert.ok(networks === null || !('missing' in networks));
    const folder = temporaryFolder(t);
    const options = { home: openHome(join(folder, 'home')), log: openLog(join(folder, 'temporal.log')), networks };
    const starts = join(folder, 'starts');
    const failing = join(folder, 'temporal');
    writeFileSync(starts, '');
    /** Fails so many times with these words, then becomes the server. */
    const fail = (times: number, words: string) =>
      writeFileSync(
        failing,
        `#!/bin/sh\necho >> '${starts}'\n[ $(wc -l < '${starts}') -gt ${times} ] && exec '${cli}' "$@"\necho '${words}' >&2\nexit 2\n`,
        { mode: 0o755 },
      );
    const countStarts = () => readFileSync(starts, 'utf8').length;

    fail(2, PANIC);
    const server = await startTemporal({ ...options, cli: failing });
    try {
      assert.equal(await servesNamespace(server.address, 10_000), true);
      assert.equal(countStarts(), 3);
    } finally {
      await server.child.stop(TEMPORAL_SHUTDOWN);
      server.gate?.close();
    }

    writeFileSync(starts, '');
    fail(100, PANIC);
    const refused = { code: 'temporal-failed', message: /does not start: panic: runtime error/ };
    await assert.rejects(startTemporal({ ...options, cli: failing }), refused);
    assert.equal(countStarts(), 5, 'not for ever');

    writeFileSync(starts, '');
    fail(100, 'fatal: the database is of a later version');
    await assert.rejects(startTemporal({ ...options, cli: failing }), { code: 'temporal-failed', message: /later version/ });
    assert.equal(countStarts(), 1, 'what another start would not change is not repeated');
  });
}
