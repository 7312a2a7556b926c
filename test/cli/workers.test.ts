/** Sweeps that ask for a class of trainers, by command and on servers of one's own. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { type BareServers, startBareServers } from '../infra/bare-servers.ts';
import { type Answer, type Project, project } from '../support/command.ts';
import { writeTinyDataset } from '../support/datasets/tiny.ts';
import { until } from '../support/until.ts';

const SPEC =
  'dataset: tiny\ntarget: y\nspace: { k: [1, 2], hidden: [8] }\nseeds: 2\ntraining: { epochs: 3, batch: 16, restarts: 1 }\n';

let servers: BareServers;
let it: Project;
before(async () => {
  it = project();
  servers = await startBareServers();
  writeTinyDataset(join(it.directory, 'data'));
  const imported = await narrows('data', 'import', 'data');
  assert.equal(imported.code, 0, imported.stderr);
});
after(async () => {
  await servers?.[Symbol.asyncDispose]();
  await it[Symbol.asyncDispose]();
});

const narrows = (...args: string[]): Promise<Answer> => it.narrows(args, { variables: servers.variables });

/** Starts a worker; resolves once it takes work. Its disposal stops it. */
async function work(...args: readonly string[]): Promise<AsyncDisposable> {
  const stop = new AbortController();
  let output = '';
  const ended = it.narrows(['worker', ...args], {
    ...{ variables: servers.variables, interrupt: stop.signal, interruption: 'SIGTERM' },
    onOutput: (text) => {
      output = text;
    },
  });
  await until(() => /taking work/.test(output), `a worker takes work: ${args.join(' ')}`);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

test('a class without a trainer is named by plan, start, show, watch and doctor; a trainer of it trains the sweep', async () => {
  writeFileSync(join(it.directory, 'gpu.yaml'), `name: on-gpu\nmethods: [ednn]\nclass: gpu\nengine: kernel\n${SPEC}`);
  const reason =
    'no trainer of class "gpu" is at work: start one with "narrows worker --role trainer --class gpu --engine kernel"';
  const waiting = { class: 'gpu', engine: 'kernel', methods: ['ednn'], trials: 4, reason };
  const plan = await narrows('sweep', 'plan', 'gpu.yaml');
  assert.deepEqual([plan.code, plan.stderr], [0, `warning: on-gpu: 4 trials (EDNN) wait: ${reason}\n`]);
  assert.match(plan.stdout, /^ {2}trainers: EDNN on class gpu, engine kernel$/m);
  const planned = await narrows('sweep', 'plan', 'gpu.yaml', '--output', 'json');
  assert.deepEqual(JSON.parse(planned.stdout)[0].waiting, [waiting]);

  await using _ = await work('--role', 'orchestrator');
  await using __ = await work('--role', 'trainer', '--engine', 'null');
  const started = await narrows('sweep', 'start', 'gpu.yaml');
  assert.deepEqual([started.code, started.stderr], [0, '']);
  assert.match(started.stdout, /^ {2}4 trials \(EDNN\) wait: no trainer of class "gpu"/m);
  const shown = await narrows('sweep', 'show', 'on-gpu', '--output', 'json');
  assert.deepEqual((JSON.parse(shown.stdout) as SweepStatus).waiting, [waiting]);
  const watched = await it.narrows(['sweep', 'watch', 'on-gpu'], {
    ...{ variables: servers.variables, signal: 'SIGINT', after: /warning: 4 trials \(EDNN\) wait/ },
  });
  assert.equal(watched.code, 130);
  const doctor = await narrows('doctor');
  assert.match(
    doctor.stdout,
    /^warning +servers .*; 1 trainer of class cpu; on-gpu: 4 trials \(EDNN\) wait: no trainer .*\n +fix: start such a trainer$/m,
  );

  await using ___ = await work('--role', 'trainer', '--class', 'gpu', '--engine', 'kernel', '--threads', '1');
  const ended = await narrows('sweep', 'watch', 'on-gpu', '--output', 'json');
  const status = JSON.parse(ended.stdout) as SweepStatus;
  assert.deepEqual([status.state, status.waiting], ['completed', []]);
  assert.match((await narrows('doctor')).stdout, /^ok +servers .*; 1 trainer of class cpu, 1 of class gpu \(kernel\)$/m);
  const compared = JSON.parse((await narrows('compare', 'on-gpu', '--output', 'json')).stdout);
  assert.deepEqual([compared.rows[0].engines, compared.warnings], [{ kernel: 2 }, []]);
});
