/**
 * Reads inputs in a process. One in a hundred, and each that fails there, is read in a box, as
 * workers and commands do: what a box refuses in time is refused as it should.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HANG_MS, processUnderTest } from './child.ts';
import type { Fault, FuzzRequest, Runner } from './runner.ts';
import { inputOf, type Target } from './targets.ts';

/** Limit of the heap, that of the worker that reads shards. */
const FLAGS = ['--max-old-space-size=384'];

const BOXED_EVERY = 100;
/** A box has its own bounds, from 4 s on. */
const BOX_HANG_MS = 10_000;

export function readersRunner(seed: number, targets: readonly Target[]): Runner {
  const folder = mkdtempSync(join(tmpdir(), 'narrows-fuzz-'));
  const reader = processUnderTest<unknown>(new URL('reader-process.ts', import.meta.url), [folder, String(seed)], FLAGS);
  const findTarget = (name: string) => targets.find((target) => target.name === name) as Target;
  const ask = async (request: FuzzRequest): Promise<Fault> => {
    const limit = request.isBoxed ? BOX_HANG_MS : HANG_MS;
    const reply = await reader.ask<{ readonly fault: Fault }>(request, limit);
    return 'answer' in reply ? reply.answer.fault : { kind: reply.lost, message: reply.message };
  };
  return {
    async read(request) {
      const isInBox = findTarget(request.target).readInBox !== undefined;
      if (isInBox && request.index % BOXED_EVERY === 0) return ask({ ...request, isBoxed: true });
      const fault = await ask(request);
      return fault !== null && isInBox ? ask({ ...request, isBoxed: true }) : fault;
    },
    files: async (index, name) => inputOf(findTarget(name), seed, index),
    peak: () => reader.peak().descendants,
    async stop() {
      await reader.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
