/** Scratch files for as long as a test file runs. */
import { tmpdir } from 'node:os';
import { after } from 'node:test';
import { type Scratch, withScratch } from '../../datasets/files/scratch.ts';

const ended = Promise.withResolvers<void>();
const lent = Promise.withResolvers<Scratch>();
const whole = withScratch(tmpdir(), (scratch) => {
  lent.resolve(scratch);
  return ended.promise;
});
after(() => {
  ended.resolve();
  return whole;
});

export const scratch: Scratch = await lent.promise;
