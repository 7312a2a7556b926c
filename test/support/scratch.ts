/** Scratch files that exist while a test file runs. */
import { tmpdir } from 'node:os';
import { after } from 'node:test';
import { type OwnScratch, withScratch } from '../../datasets/files/scratch.ts';

const ended = Promise.withResolvers<void>();
const opened = Promise.withResolvers<OwnScratch>();
const lifetime = withScratch(tmpdir(), (scratch) => {
  opened.resolve(scratch);
  return ended.promise;
});
after(() => {
  ended.resolve();
  return lifetime;
});

export const scratch: OwnScratch = await opened.promise;
