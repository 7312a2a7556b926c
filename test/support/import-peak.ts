/**
 * Checks a dataset folder as an import does, and prints the largest memory that this took: `node
 * import-peak.ts FOLDER`, in MiB.
 */
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { withScratch } from '../../datasets/files/scratch.ts';
import { checkDatasetFolder } from '../../datasets/import/check.ts';

await withScratch(tmpdir(), (scratch) => checkDatasetFolder(process.argv[2] as string, scratch));
// The peak that a process is told of itself may be that of the one that started it; Linux knows
// better.
const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
const kilobytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
console.log(Math.round(kilobytes / 1024));
