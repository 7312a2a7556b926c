/** Process that reads inputs one by one, as its parent names them; the parent replaces it. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { withScratch } from '../../datasets/files/scratch.ts';
import { NarrowsError } from '../../errors.ts';
import type { Fault, FuzzRequest } from './runner.ts';
import { buildTargets, inputOf, writeInput } from './targets.ts';

const [folder = '', seed = '0'] = process.argv.slice(2);
const targets = await buildTargets();
const input = join(folder, 'input');
/** A box reports with these codes what its reader does not expect. */
const DEFECTS = new Set(['reader-failed', 'reader-lost']);

const temporary = join(folder, 'scratch');
mkdirSync(temporary, { recursive: true });

let unhandled: unknown;
for (const event of ['unhandledRejection', 'uncaughtException']) {
  process.on(event, (error: unknown) => {
    unhandled ??= error;
  });
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

async function read({ target: name, index, isBoxed }: FuzzRequest): Promise<Fault> {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new RangeError(`there is no target "${name}"`);
  const files = inputOf(target, Number(seed), index);
  rmSync(input, { recursive: true, force: true });
  mkdirSync(input);
  writeInput(files, input);
  let fault: Fault = null;
  try {
    await withScratch(temporary, async (scratch) => {
      const read = { files, folder: input, scratch };
      await (isBoxed ? target.readInBox?.(read) : target.read(read));
    });
  } catch (error) {
    if (!(error instanceof NarrowsError) || DEFECTS.has(error.code)) fault = { kind: 'crash', message: describe(error) };
  }
  // A rejection that nobody handles is reported a turn later.
  await setImmediate();
  if (unhandled === undefined) return fault;
  fault = { kind: 'unhandled', message: describe(unhandled) };
  unhandled = undefined;
  return fault;
}

process.on('message', (request: FuzzRequest) => {
  void read(request).then((fault) => process.send?.({ fault }));
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
