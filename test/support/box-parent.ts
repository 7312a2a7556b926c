/**
 * Checks a dataset folder in a box, again and again, until this process is killed:
 * `node box-parent.ts FOLDER SCRATCH`.
 */
import { checkInBox } from '../../datasets/box/box.ts';
import { withScratch } from '../../datasets/files/scratch.ts';

const [, , folder = '', directory = ''] = process.argv;
for (;;) await withScratch(directory, (scratch) => checkInBox(folder, scratch));
