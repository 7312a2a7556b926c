/**
 * What other optimisers than Adam need to reach a covered variance, in JAX: peers/optimisers.py
 * with the Python of the peers. What came of it:
 * docs/decisions/0006-default-recipe.md. `npm run bench:optimisers -- train examples/water --k 1
 * --epochs 40,80 --optimiser adam,muon`
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { peersPython } from './peers/venv.ts';

const program = fileURLToPath(new URL('./peers/optimisers.py', import.meta.url));
const { status } = spawnSync(peersPython(), [program, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
