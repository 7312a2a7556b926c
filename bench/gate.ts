/**
 * Cost of the embedded Temporal's gate: calls to a server behind it and to one in the open network,
 * in turns.
 *
 * `npm run bench:gate -- --rounds 20`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Connection } from '@temporalio/client';
import { readEnvironment } from '../infra/env.ts';
import { openHome } from '../infra/home.ts';
import { findPrivateNetworks, type PrivateNetworks } from '../infra/processes/private-network.ts';
import { openLog } from '../infra/processes/rotating-log.ts';
import { findTemporalCli } from '../infra/temporal/cli.ts';
import { EMBEDDED_NAMESPACE, startTemporal, TEMPORAL_SHUTDOWN } from '../infra/temporal/server.ts';
import { median } from './statistics.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const CALLS = 200;
/** Two workers keep about so many calls under way. */
const AT_ONCE = 16;

const found = await findPrivateNetworks();
if ('missing' in found) throw new Error(`this machine has no private networks: ${found.missing}`);
await using resources = new AsyncDisposableStack();
const folder = mkdtempSync(join(tmpdir(), 'narrows-bench-'));
resources.defer(() => rmSync(folder, { recursive: true, force: true }));
const { path: cli } = await findTemporalCli(readEnvironment());

async function start(name: string, networks: PrivateNetworks | null): Promise<Connection> {
  const home = openHome(join(folder, name));
  const { child, address } = await startTemporal({ cli, home, log: openLog(join(home.logs, 'temporal.log')), networks });
  resources.defer(async () => void (await child.stop(TEMPORAL_SHUTDOWN)));
  const connection = await Connection.connect({ address });
  resources.defer(() => connection.close());
  return connection;
}

/** Returns the milliseconds of a call, of `atOnce` under way. */
async function measure({ workflowService }: Connection, atOnce: number): Promise<number> {
  const from = performance.now();
  const call = async () => {
    for (let i = 0; i < CALLS / atOnce; i++) await workflowService.describeNamespace({ namespace: EMBEDDED_NAMESPACE });
  };
  await Promise.all(Array.from({ length: atOnce }, call));
  return (performance.now() - from) / CALLS;
}

const servers = { open: await start('open', null), gate: await start('gate', found) };
const result: Record<string, unknown> = { bench: 'gate' };
for (const [name, atOnce] of [
  ['alone', 1],
  ['atOnce', AT_ONCE],
] as const) {
  const times = { open: [] as number[], gate: [] as number[] };
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const kind of ['open', 'gate'] as const) {
      const time = await measure(servers[kind], atOnce);
      if (round > 0) times[kind].push(time); // the first warms up
    }
  }
  const [open, gate] = [median(times.open), median(times.gate)];
  result[name] = { openMs: Number(open.toFixed(3)), gateMs: Number(gate.toFixed(3)), ratio: Number((gate / open).toFixed(2)) };
}
console.log(JSON.stringify(result));
