/** Retraining from the command line: schedules, runs, champions and user errors. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readNpy } from '../../datasets/formats/npy.ts';
import type { RetrainRunRow } from '../../db/queries/retraining/retrainings.ts';
import type { RetrainingStatus } from '../../operations/retraining/retrainings.ts';
import { type Project, project } from '../support/command.ts';
import { TEN_YEARS } from '../support/seeded-retraining.ts';
import { writeShard } from '../support/shards.ts';
import { until } from '../support/until.ts';

const SPEC = `
name: little
dataset: little
target: xes
methods: [ednn, nnca]
space: { k: 1, hidden: [8], learningRate: 0.02 }
seeds: 1
training: { epochs: 12, batch: 32 }
`;

interface Champion {
  readonly trialId: string;
  readonly method: string;
  readonly k: number;
  readonly origin: string;
}

let it: Project;
before(async () => {
  it = project();
  writeFileSync(join(it.directory, 'spec.yaml'), SPEC);
  mkdirSync(join(it.directory, 'incoming'));
  writeShard(join(it.directory, 'first'));
  await it.json(['data', 'import', 'first']);
});
after(() => it[Symbol.asyncDispose]());

const show = (name = 'little') => it.json<RetrainingStatus & { runs: RetrainRunRow[] }>(['retrain', 'show', name]);
const champions = () => it.json<Champion[]>(['champion', 'ls']);

async function untilRuns(name: string, holds: (runs: readonly RetrainRunRow[]) => boolean): Promise<RetrainRunRow[]> {
  let runs: RetrainRunRow[] = [];
  await until(async () => {
    ({ runs } = await show(name));
    return holds(runs);
  }, `the runs of ${name}`);
  return runs;
}

describe('a retraining', { concurrency: false }, () => {
  test('starts, and trains its first champions at once', async () => {
    const started = await it.json<RetrainingStatus>(
      `retrain start spec.yaml --every ${TEN_YEARS.text} --watch-dir incoming --settle 0 --margin 0.2 --jitter 1s --catch-up 10m`.split(
        ' ',
      ),
    );
    assert.deepEqual(
      [started.name, started.schedule, started.options.watchDir],
      ['little', 'active', join(it.directory, 'incoming')],
    );
    assert.ok(Date.parse(started.nextRun ?? '') - Date.now() <= 1000 * (TEN_YEARS.seconds + 1));
    await untilRuns('little', ([run]) => run?.outcome === 'first');
    assert.deepEqual(
      (await champions()).map(({ method, k, origin }) => [method, k, origin]),
      [
        ['ednn', 1, 'first'],
        ['nnca', 1, 'first'],
      ],
    );
    const [listed] = await it.json<RetrainingStatus[]>(['retrain', 'ls']);
    assert.deepEqual([listed?.name, listed?.champions, listed?.lastRun?.outcome], ['little', 2, 'first']);
  });

  test('run finds nothing new, then promotes challengers on new data and describes it', async () => {
    assert.equal((await it.json<RetrainRunRow>(['retrain', 'run', 'little'])).outcome, 'nothing-new');
    writeShard(join(it.directory, 'incoming', 'hot'), { seed: 2, spread: 1.7 });
    const run = await it.json<RetrainRunRow>(['retrain', 'run', 'little']);
    assert.equal(run.outcome, 'promoted', run.message ?? '');
    const description = await it.narrows(['retrain', 'show', 'little', run.id.slice(-8)]);
    assert.match(description.stdout, /little: \d of 2 champions/);
    assert.match(description.stdout, /has drifted|have drifted/);
    assert.match(description.stdout, /EDNN at k = 1: (replaced|stays), /);
    const listed = await it.narrows(['retrain', 'show', 'little']);
    assert.match(listed.stdout, /promoted[\s\S]*nothing-new[\s\S]*first/);
    const sweeps = await it.json<{ name: string }[]>(['sweep', 'ls']);
    assert.ok(sweeps.some(({ name }) => name === `little-retrain-${run.toVersion?.slice(0, 8)}`));
  });

  test('appended data are found at the next run', async () => {
    writeShard(join(it.directory, 'pushed'), { seed: 3, spread: 1.2 });
    await it.json(['data', 'append', 'little', 'pushed']);
    const run = await it.json<RetrainRunRow>(['retrain', 'run', 'little']);
    assert.ok(['kept', 'promoted'].includes(run.outcome));
  });

  test('predict uses the current champion, and its predecessor after a rollback', async () => {
    cpSync(join(it.directory, 'first/X.npy'), join(it.directory, 'X.npy'));
    const predicted = async () => {
      const words = 'predict --champion little --method ednn --k 1 --input X.npy --out Y.npy'.split(' ');
      const { trialId } = await it.json<{ trialId: string }>(words);
      return { trialId, y: readNpy(new Uint8Array(readFileSync(join(it.directory, 'Y.npy'))), 'Y.npy') };
    };
    const current = (await champions()).find(({ method }) => method === 'ednn');
    const now = await predicted();
    assert.equal(now.trialId, current?.trialId);
    assert.deepEqual([now.y.rows, now.y.columns], [400, 6]);
    const back = await it.json<Champion>('champion rollback little --method ednn --k 1'.split(' '));
    assert.equal(back.origin, 'rollback');
    const then = await predicted();
    assert.equal(then.trialId, back.trialId);
    assert.notEqual(then.trialId, now.trialId);
    const history = await it.narrows(['champion', 'show', 'little']);
    assert.match(
      history.stdout,
      /EDNN at k = 1, by rollback, .* in use\n {2}trial .* seed 1, validation 0\.\d+\n {2}data little@/,
    );
  });

  test('pause, resume, backfill, remove', async () => {
    assert.equal((await it.json<RetrainingStatus>(['retrain', 'pause', 'little'])).schedule, 'paused');
    assert.equal((await it.json<RetrainingStatus>(['retrain', 'resume', 'little'])).schedule, 'active');
    const before = (await show()).runs.length;
    // Intervals are counted from 1970 on.
    const interval = 1000 * TEN_YEARS.seconds;
    const end = Math.floor(Date.now() / interval) * interval;
    const range = ['--from', new Date(end - 2 * interval - 1000).toISOString(), '--to', new Date(end - 1000).toISOString()];
    await it.json(['retrain', 'backfill', 'little', ...range]);
    const runs = await untilRuns(
      'little',
      (all) => all.length === before + 2 && all.every(({ outcome }) => outcome !== 'running'),
    );
    assert.deepEqual(
      runs.slice(0, 2).map(({ outcome }) => outcome),
      ['nothing-new', 'nothing-new'],
    );
    await it.json(['retrain', 'remove', 'little']);
    assert.deepEqual(await it.json(['retrain', 'ls']), []);
    for (const act of ['show', 'run', 'pause']) assert.equal((await it.narrows(['retrain', act, 'little'])).code, 3);
    assert.equal((await champions()).length, 2, 'champions stay in use');
  });

  test('a removed name restarts with its champions; a run requested during another waits for it', async () => {
    const begun = await it.json<RetrainingStatus>(
      'retrain start spec.yaml --cron 0_3_1_1_* --overlap skip'.split(' ').map((word) => word.replaceAll('_', ' ')),
    );
    assert.equal(begun.champions, 2);
    assert.match(begun.nextRun ?? '', /-01-01T03:00:00/);
    writeShard(join(it.directory, 'more'), { seed: 4, spread: 1.4, rows: 300 });
    await it.json(['data', 'append', 'little', 'more']);
    const [one, other] = await Promise.all([
      it.json<RetrainRunRow>(['retrain', 'run', 'little']),
      it.json<RetrainRunRow>(['retrain', 'run', 'little']),
    ]);
    // One of them trained; the other ran afterwards and found nothing new, or was the same run.
    const trained = [one, other].filter(({ outcome }) => outcome === 'kept' || outcome === 'promoted');
    assert.ok(trained.length >= 1, `${one.outcome} ${other.outcome}`);
    assert.equal(new Set(trained.map(({ id }) => id)).size, 1);
  });
});

describe('user errors', { concurrency: false }, () => {
  const wrong: [string, string, number, string][] = [
    ['a missing schedule', 'retrain start spec.yaml --name other', 2, 'schedule-invalid'],
    ['two schedules', 'retrain start spec.yaml --name other --every 1h --cron @daily', 2, 'schedule-invalid'],
    [
      'an unknown sweep to adopt, before an invalid cron expression',
      'retrain start spec.yaml --name other --cron tomorrow --adopt little-retrain',
      3,
      'sweep-unknown',
    ],
    ['an invalid cron expression', 'retrain start spec.yaml --name other --cron tomorrow', 2, 'schedule-invalid'],
    ['an invalid interval', 'retrain start spec.yaml --name other --every often', 2, 'usage'],
    [
      'a URL with a password',
      'retrain start spec.yaml --name other --every 1h --url https://me:secret@host/a.zip',
      2,
      'url-unfit',
    ],
    ['another kind of URL', 'retrain start spec.yaml --name other --every 1h --url ftp://host/a.zip', 2, 'url-unfit'],
    ['a name in use', 'retrain start spec.yaml --every 1h', 2, 'retraining-exists'],
    ['an unknown retraining', 'retrain pause nobody', 3, 'retraining-unknown'],
    ['an unknown run', 'retrain show little nothing', 3, 'run-unknown'],
    ['an unknown champion', 'champion rollback little --method eca --k 1', 3, 'champion-unknown'],
    ['an unknown method', 'champion rollback little --method pca --k 1', 2, 'method-unknown'],
    [
      'a champion and a sweep',
      'predict --champion little --sweep a --method ednn --k 1 --input X.npy --out Y.npy',
      2,
      'model-not-named',
    ],
  ];
  for (const [title, words, code, expected] of wrong) {
    test(title, async () => {
      const answer = await it.narrows([...words.split(' '), '--output', 'json']);
      assert.equal(answer.code, code, answer.stdout + answer.stderr);
      const { error } = JSON.parse(answer.stderr) as { error: { code: string; message: string } };
      assert.equal(error.code, expected);
      assert.ok(!`${answer.stdout}${answer.stderr}`.includes('secret'));
    });
  }

  test('rejected commands leave nothing behind', async () => {
    assert.deepEqual(
      (await it.json<RetrainingStatus[]>(['retrain', 'ls'])).map(({ name }) => name),
      ['little'],
    );
  });
});
