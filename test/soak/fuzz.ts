/**
 * Reads mutated inputs with every reader, parser and route. Prints each fault and the folder where
 * its input is kept, then JSON; exits with 1 after a fault.
 *
 * `npm run soak:fuzz -- --inputs 100000 --seed 1`; `--target spec` runs one target, and with
 * `--index 17` one of its inputs again.
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runCampaign } from '../fuzz/campaign.ts';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
    index: { type: 'string' },
    kept: { type: 'string', default: 'fuzz-findings' },
  },
});
const began = performance.now();
let [begun, loggedAt] = [0, began];
const { inputs, findings, peak } = await runCampaign({
  seed: Number(values.seed),
  inputs: values.index === undefined ? Number(values.inputs) : 1,
  target: values.target,
  index: values.index === undefined ? undefined : Number(values.index),
  processes: availableParallelism(),
  kept: resolve(values.kept),
  onInput() {
    begun += 1;
    if (performance.now() - loggedAt < 10_000) return;
    loggedAt = performance.now();
    console.error(`${begun} inputs`);
  },
  onFinding: ({ target, index, kind, message, folder }) =>
    console.error(`${kind}: ${target} ${index}, kept in ${folder}\n${message.slice(0, 600)}`),
});
const count = (kind: string) => findings.filter((finding) => finding.kind === kind).length;
console.error(`${inputs} inputs in ${((performance.now() - began) / 1000).toFixed(0)} s`);
console.log(
  JSON.stringify({
    soak: 'fuzz',
    inputs,
    crashes: count('crash'),
    hangs: count('hang'),
    unhandled: count('unhandled'),
    peakRssMb: Math.round(peak / 2 ** 20),
  }),
);
process.exitCode = findings.length > 0 ? 1 : 0;
