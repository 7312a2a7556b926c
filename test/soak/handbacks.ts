/**
 * Stops the trainer of one long trial a hundred times, and compares the result with that of the
 * same trial without a stop. The last line is JSON; exits with 1 when the trial does not complete,
 * differs in any bit, or lost more epochs at a stop than lie between two checkpoints.
 *
 * `npm run soak:handbacks`, or `npm run soak:handbacks -- --stops 8` for a quick run
 */
import { parseArgs } from 'node:util';
import { digits, mean, median } from '../../bench/statistics.ts';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { type HandBack, type LongTrial, startLongTrial } from '../faults/long-trial.ts';

/** Stops of a first trial, which says how many epochs are trained between two of them. */
const PROBE_STOPS = 3;

const { values } = parseArgs({ options: { stops: { type: 'string', default: '100' } } });
const stops = Number(values.stops);
if (!Number.isInteger(stops) || stops < 1) {
  console.error('--stops must be a whole number of at least 1');
  process.exit(2);
}

const epochs = await measureEpochs();
console.error(`a trial of ${epochs} epochs, ${stops} stops`);
await using trial = await startLongTrial(epochs);
await using undisturbed = await startLongTrial(epochs);
const handBacks: HandBack[] = [];
while (handBacks.length < stops) {
  const handBack = await trial.handBack();
  if (handBack === null) throw new Error('the trial ended before the last stop: the machine was slower before');
  handBacks.push(handBack);
  const { reached, stored, resumed } = handBack;
  console.error(`stop ${handBacks.length}: reached epoch ${reached}, stored ${stored}, went on at ${resumed}`);
}
const [stopped, expected] = await Promise.all([readResult(trial), readResult(undisturbed)]);

const lost = handBacks.map(({ reached, stored }) => Math.max(0, reached - stored));
const begunAgain = handBacks.filter(({ stored, resumed }) => resumed <= stored).length;
const stored = handBacks.map(({ stored }) => stored);
const betweenCheckpoints = stored.map((epoch, i) => epoch - (stored[i - 1] ?? 0));
const different = stopped.result === expected.result ? 0 : 1;
console.log(
  JSON.stringify({
    soak: 'handbacks',
    stops,
    state: stopped.state,
    epochs,
    lostEpochs: { mean: digits(mean(lost)), max: Math.max(...lost) },
    epochsBetweenCheckpoints: { median: median(betweenCheckpoints), max: Math.max(...betweenCheckpoints) },
    begunAgain,
    different,
  }),
);
const isWithin = Math.max(...lost) <= Math.max(...betweenCheckpoints);
process.exitCode = stopped.state === 'completed' && different + begunAgain === 0 && isWithin ? 0 : 1;

/** Returns the epochs of a trial that outlasts the stops on this machine. */
async function measureEpochs(): Promise<number> {
  await using probe = await startLongTrial(1_000_000);
  let reached = 0;
  for (let i = 0; i < PROBE_STOPS; i++) reached = (await probe.handBack())?.stored ?? reached;
  await probe.narrows('sweep', 'cancel', probe.sweepId, '--yes');
  return Math.ceil((2 * stops * reached) / PROBE_STOPS);
}

/** Waits for the end; returns the state, and scores, errors and weights as text. */
async function readResult({ servers, sweepId, narrows }: LongTrial): Promise<{ state: string; result: string }> {
  await narrows('sweep', 'watch', sweepId);
  const { sql } = servers.db;
  const rows = await Promise.all([
    sql`select split, k, covered_variance from covered_variances where sweep_id = ${sweepId} order by split, k`,
    sql`select encode(e.errors, 'hex') from test_errors e join trials t on t.id = e.trial_id where t.sweep_id = ${sweepId}`,
    sql`select sha256 from models where sweep_id = ${sweepId}`,
  ]);
  return { state: (await findSweep(sql, sweepId)).state, result: JSON.stringify(rows) };
}
