/**
 * Kills, stops and stalls processes of an embedded stack at random moments, sweep after sweep, and
 * compares each sweep with an undisturbed one. Faults are printed with their seed; the last line is
 * JSON. Exits with 1 where a trial is lost, duplicated or different, or a process is left.
 *
 * `npm run soak:faults -- --minutes 30`; `--trials 2000 --faults 50 --minutes 0` is one large sweep
 */
import { parseArgs } from 'node:util';
import { drawFaults, type FaultReport, startFaultBench } from '../faults/random-faults.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    trials: { type: 'string', default: '48' },
    faults: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  },
});
const [minutes, trials, count, firstSeed] = [values.minutes, values.trials, values.faults, values.seed].map(Number) as [
  number,
  number,
  number,
  number,
];
if (!(minutes >= 0) || ![trials, count, firstSeed].every((value) => Number.isInteger(value) && value >= 1)) {
  console.error('--minutes must be a number of at least 0; --trials, --faults and --seed whole numbers of at least 1');
  process.exit(2);
}

await using bench = await startFaultBench(trials);
console.error(`each sweep has ${bench.trials} trials and ${count} faults`);
const sum: { -readonly [Key in keyof FaultReport]: number } = { trials: 0, compared: 0, lost: 0, duplicated: 0, different: 0 };
let kills = 0;
const deadline = performance.now() + minutes * 60_000;
for (let seed = firstSeed; seed === firstSeed || performance.now() < deadline; seed++) {
  const report = await bench.run(`seed-${seed}`, drawFaults(seed, count, bench.trials), ({ kind, process: name, after }) => {
    kills += 1;
    console.error(`seed ${seed}: ${kind} ${name} after ${after} trials`);
  });
  for (const key of ['trials', 'compared', 'lost', 'duplicated', 'different'] as const) sum[key] += report[key];
  if (report.lost + report.duplicated + report.different > 0) console.error(`seed ${seed}: ${JSON.stringify(report)}`);
}
const orphans = await bench.stop();
console.log(JSON.stringify({ soak: 'faults', kills, ...sum, orphans }));
process.exitCode = sum.lost + sum.duplicated + sum.different + orphans > 0 ? 1 : 0;
