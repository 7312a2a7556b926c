/**
 * Disturbs an embedded stack at random moments, sweep after sweep, and compares each sweep with an
 * undisturbed one: processes are killed, stopped and stalled, networks cut and held, clocks set,
 * activities delivered twice. Faults are printed with their seed; the last line is JSON. Exits with
 * 1 where a trial is lost, duplicated or different, or a process is left.
 *
 * `npm run soak:faults -- --minutes 30`; `--trials 2000 --epochs 180 --faults 50 --kinds kill
 * --minutes 0` is one large sweep, long enough for its kills
 */
import { parseArgs } from 'node:util';
import { describeFault, drawFaults, KINDS, type Kind } from '../faults/draw-faults.ts';
import { startFaultBench } from '../faults/random-faults.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    trials: { type: 'string', default: '48' },
    epochs: { type: 'string', default: '60' },
    faults: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    kinds: { type: 'string', default: KINDS.join(',') },
  },
});
const minutes = Number(values.minutes);
const [trials, epochs, count, firstSeed] = [values.trials, values.epochs, values.faults, values.seed].map(Number) as [
  number,
  number,
  number,
  number,
];
const names = values.kinds.split(',');
const kinds = KINDS.filter((kind) => names.includes(kind));
if (!(minutes >= 0) || ![trials, epochs, count, firstSeed].every((value) => Number.isInteger(value) && value >= 1)) {
  console.error('--minutes must be a number of at least 0; --trials, --epochs, --faults and --seed whole numbers of at least 1');
  process.exit(2);
}
if (kinds.length !== names.length) {
  console.error(`--kinds must be some of ${KINDS.join(',')}`);
  process.exit(2);
}

await using bench = await startFaultBench(trials, epochs);
if (!bench.stack.hasClocks) console.error('no clock is set: this machine has no C compiler');
console.error(`each sweep has ${bench.trials} trials and ${count} faults`);
const sum = { trials: 0, compared: 0, lost: 0, duplicated: 0, different: 0 };
const struck = new Map<Kind, number>();
let running = 0;
let repeated = 0;
const began = performance.now();
for (let seed = firstSeed; seed === firstSeed || performance.now() - began < minutes * 60_000; seed++) {
  const report = await bench.run(`seed-${seed}`, drawFaults(seed, count, bench.trials, kinds), (fault, isRunning) => {
    struck.set(fault.kind, (struck.get(fault.kind) ?? 0) + 1);
    if (isRunning) running += 1;
    console.error(`${Math.round((performance.now() - began) / 1000)} s, seed ${seed}: ${describeFault(fault)}`);
  });
  for (const key of ['trials', 'compared', 'lost', 'duplicated', 'different'] as const) sum[key] += report[key];
  repeated += report.repeated.length;
  if (report.lost + report.duplicated + report.different > 0) console.error(`seed ${seed}: ${JSON.stringify(report)}`);
}
const strikes = [...struck.values()].reduce((a, b) => a + b, 0);
if (running < strikes) console.error(`the sweep had ended before ${strikes - running} faults: give its trials more --epochs`);
const seconds = Math.round((performance.now() - began) / 1000);
const orphans = await bench.stack.stop();
const faults = Object.fromEntries(KINDS.map((kind) => [kind, struck.get(kind) ?? 0]));
console.log(JSON.stringify({ soak: 'faults', kills: faults.kill, ...sum, orphans, faults, running, repeated, seconds }));
process.exitCode = sum.lost + sum.duplicated + sum.different + orphans > 0 ? 1 : 0;
