/**
 * Checks a dataset folder as an import does, and prints the peak memory in MiB:
 * `node import-peak.ts FOLDER`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { withScratch } from '../../datasets/files/scratch.ts';
import { checkDatasetFolder } from '../../datasets/import/check.ts';

await withScratch(tmpdir(), (scratch) => checkDatasetFolder(process.argv[2] as string, scratch));
// maxRSS may include the peak of the parent process; VmHWM of Linux does not.
const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
const kilobytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
console.log(Math.round(kilobytes / 1024));
