/** Import rules: the map of ARCHITECTURE.md states them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Import, importsOf, isProduction, readSource, typeScriptFiles } from './sources.ts';

interface Room {
  /** A folder, ending in a slash, or a file. */
  readonly path: string;
  readonly mayImport: readonly { readonly target: string; readonly typesOnly: boolean }[];
  readonly reason: string;
}

/**
 * Returns the rows of the map: | `folder/` | what it holds | `a/`, `b` (types) | why nothing else
 * |.
 */
function rooms(): Room[] {
  const rows = readSource('ARCHITECTURE.md').matchAll(/^\| `([^`]+)` \| [^|]+ \| ([^|]*) \| ([^|]+) \|$/gm);
  return [...rows].map(([, path, targets, reason]) => ({
    path: path as string,
    mayImport: [...(targets as string).matchAll(/`([^`]+)`( \(types\))?/g)].map(([, target, types]) => ({
      target: target as string,
      typesOnly: types !== undefined,
    })),
    reason: (reason as string).trim(),
  }));
}

const covers = (path: string, file: string): boolean => (path.endsWith('/') ? file.startsWith(path) : file === path);

/** Returns the most specific room of a file. */
function roomOf(file: string, all: readonly Room[]): Room | undefined {
  return all.filter(({ path }) => covers(path, file)).sort((a, b) => b.path.length - a.path.length)[0];
}

const topFolder = (file: string): string => {
  const parts = file.split('/');
  if (parts.length === 1) return file;
  return parts[0] === 'dashboards' ? `${parts[0]}/${parts[1]}/` : `${parts[0]}/`;
};

function isAllowed(file: string, { target, isLocal, typesOnly }: Import, room: Room): boolean {
  if (isLocal && topFolder(target) === topFolder(file)) return true;
  return room.mayImport.some((allowed) => {
    const hit = isLocal ? covers(allowed.target, target) : allowed.target === target;
    return hit && (typesOnly || !allowed.typesOnly);
  });
}

const files = typeScriptFiles().filter((path) => isProduction(path) && path.includes('/'));

test('every production file has a row in the map of ARCHITECTURE.md', () => {
  const all = rooms();
  assert.deepEqual(
    files.filter((file) => !roomOf(file, all)),
    [],
  );
});

test('every row of the map names files that exist', () => {
  assert.deepEqual(
    rooms()
      .filter(({ path }) => !typeScriptFiles().some((file) => covers(path, file)))
      .map(({ path }) => path),
    [],
  );
});

test('files import only what the map of ARCHITECTURE.md allows', () => {
  const all = rooms();
  const faults = files.flatMap((file) => {
    const room = roomOf(file, all);
    if (!room) return [];
    return importsOf(file, readSource(file))
      .filter((one) => !isAllowed(file, one, room))
      .map(({ target, typesOnly }) => `${file} imports ${typesOnly ? 'types of ' : ''}${target}; ${room.path}: ${room.reason}`);
  });
  assert.deepEqual(faults, []);
});

test('the map has no permission that nobody uses', () => {
  const all = rooms();
  const unused = all.flatMap((room) => {
    const own = files.filter((file) => roomOf(file, all) === room);
    const imports = own.flatMap((file) => importsOf(file, readSource(file)));
    return room.mayImport
      .filter(({ target }) => !imports.some((one) => (one.isLocal ? covers(target, one.target) : one.target === target)))
      .map(({ target }) => `${room.path} may import ${target}, and never does`);
  });
  assert.deepEqual(unused, []);
});

test('no files import each other in a circle, types included', () => {
  const known = new Set(files);
  const targets = new Map(
    files.map((file) => [
      file,
      importsOf(file, readSource(file)).flatMap(({ target, isLocal }) => (isLocal && known.has(target) ? [target] : [])),
    ]),
  );
  assert.deepEqual(circles(targets), []);
});

/** Returns the strongly connected components of more than one node (Tarjan 1972). */
function circles(targets: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): void => {
    order.set(node, order.size);
    low.set(node, order.size - 1);
    stack.push(node);
    for (const next of targets.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node) as number, low.get(next) as number));
    }
    if (low.get(node) !== order.get(node)) return;
    const component = stack.splice(stack.indexOf(node));
    if (component.length > 1) found.push(component.sort());
  };
  for (const node of targets.keys()) if (!order.has(node)) visit(node);
  return found;
}
