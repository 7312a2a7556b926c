/** Structures as text, and helpers that read them. */
import { readFileSync } from 'node:fs';
import { parseFrames } from '../../datasets/formats/structures/extxyz.ts';
import type { Frame } from '../../datasets/formats/structures/frame.ts';
import { type FrameSource, splitFrameBlocks } from '../../datasets/formats/structures/frame-blocks.ts';
import { stream } from '../../models/random.ts';

const FIXTURES = new URL('../datasets/descriptors/fixtures/', import.meta.url);

export const fixture = (name: string) => readFileSync(new URL(name, FIXTURES), 'utf8');
/** Returns the numbers of a table row by row, in float64. */
export function fixtureTable(name: string): { readonly data: readonly number[] } {
  const lines = fixture(name).trim().split('\n').slice(1);
  return { data: lines.flatMap((line) => line.split(',').map(Number)) };
}

/** Yields a text in chunks that may end anywhere, as a disk does. */
export async function* chunksOf(text: string, bytes = 1 << 16): AsyncGenerator<Uint8Array> {
  const all = new TextEncoder().encode(text);
  for (let at = 0; at < all.length; at += bytes) yield all.slice(at, at + bytes);
}

/** Returns a file of structures. */
export const sourceOf = (chunks: AsyncIterable<Uint8Array>, file = 'a.xyz'): FrameSource => ({ file, name: null, chunks });

export async function framesOf(text: string, file = 'a.xyz', chunk?: number, block?: number): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const each of splitFrameBlocks(sourceOf(chunksOf(text, chunk), file), block)) frames.push(...parseFrames(each));
  return frames;
}

export async function frameOf(text: string): Promise<Frame> {
  const [frame] = await framesOf(text);
  if (frame === undefined) throw new Error('the text has no frame');
  return frame;
}

/** Returns frames with atoms at random positions of a cubic cell, about as dense as a glass. */
export function glass(frames: number, atoms: readonly string[], seed = 1): string {
  const edge = Math.cbrt(atoms.length / 0.07);
  const { uniform } = stream(seed, 'glass');
  const position = () => Array.from({ length: 3 }, () => (uniform() * edge).toFixed(5)).join(' ');
  return Array.from({ length: frames }, (_, frame) =>
    [
      atoms.length,
      `Lattice="${edge} 0 0 0 ${edge} 0 0 0 ${edge}" Properties=species:S:1:pos:R:3 pbc="T T T" snapshot=s${frame >> 1}`,
      ...atoms.map((symbol) => `${symbol} ${position()}`),
      '',
    ].join('\n'),
  ).join('');
}
