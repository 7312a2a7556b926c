/**
 * Compares the effort of optimisers to reach a covered variance, in JAX: peers/optimisers.py with
 * the Python of the peers. The results led to docs/decisions/0006-default-recipe.md.
 *
 * `npm run bench:optimisers -- train examples/water --k 1 --epochs 40,80 --optimiser adam,muon`
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findPeersPython } from './peers/venv.ts';

const program = fileURLToPath(new URL('./peers/optimisers.py', import.meta.url));
const { status } = spawnSync(findPeersPython(), [program, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
