/**
 * narrows' split for peers in other languages: reads {"rows", "split", "groups"} as a line of JSON
 * and prints the row indices of each split.
 */
import { text } from 'node:stream/consumers';
import { type SplitSettings, splitRows } from '../../datasets/split.ts';

const { rows, split, groups } = JSON.parse(await text(process.stdin)) as {
  rows: number;
  split: SplitSettings;
  groups: readonly string[] | null;
};
const { train, validation, test } = splitRows(rows, split, groups);
console.log(JSON.stringify({ train: [...train], validation: [...validation], test: [...test] }));
