import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findNeededPackages, type LockFile } from '../../../infra/images/packages.ts';

const LOCK: LockFile = {
  packages: {
    '': { dependencies: { server: '1', client: '1' }, optionalDependencies: { database: '1' } },
    'node_modules/server': { dependencies: { shared: '2', bundler: '1' }, optionalDependencies: { native: '1', absent: '1' } },
    'node_modules/server/node_modules/shared': {},
    'node_modules/client': {
      dependencies: { shared: '1' },
      peerDependencies: { peer: '1', extra: '1' },
      peerDependenciesMeta: { extra: { optional: true } },
    },
    'node_modules/shared': { dependencies: { client: '1' } },
    'node_modules/bundler': { dependencies: { parser: '1' } },
    'node_modules/parser': {},
    'node_modules/native': {},
    'node_modules/peer': {},
    'node_modules/extra': {},
    'node_modules/database': {},
  },
};

const needed = (...omitted: string[]): string[] => [...findNeededPackages(LOCK, new Set(omitted))].toSorted();

test('packages are needed by those that depend on them, in the folder where Node finds them', () => {
  assert.deepEqual(needed(), [
    'node_modules/bundler',
    'node_modules/client',
    'node_modules/native',
    'node_modules/parser',
    'node_modules/peer',
    'node_modules/server',
    'node_modules/server/node_modules/shared',
    'node_modules/shared',
  ]);
});

test('what only an omitted package needs is omitted as well', () => {
  const [all, without] = [needed(), needed('bundler')];
  assert.deepEqual(
    all.filter((folder) => !without.includes(folder)),
    ['node_modules/bundler', 'node_modules/parser'],
  );
});
