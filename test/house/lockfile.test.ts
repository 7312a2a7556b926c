import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Record<string, string>;
}

const { packages } = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, Locked>;
};

// npm leaves out what its registry does not have, and then refuses its own lock file.
test('the lock file names the optional packages of every platform', () => {
  const missing = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${place}/node_modules/${name}` in packages),
    ),
  );
  assert.deepEqual(missing, []);
});

// Without a hash npm installs whatever its registry has under that name and version.
test('the lock file has the hash of every package', () => {
  const unpinned = Object.entries(packages).filter(
    ([place, { integrity = '', link }]) => place !== '' && link !== true && !/^sha512-[\w+/]{86}==$/.test(integrity),
  );
  assert.deepEqual(
    unpinned.map(([place]) => place),
    [],
  );
});

test('the lock file names no address', () => {
  assert.deepEqual(
    Object.values(packages).filter(({ resolved }) => resolved !== undefined),
    [],
  );
});
