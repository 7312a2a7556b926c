/**
 * Compares the CPU engine with Python's: narrows and its peers do the same training in turns. Then
 * measures the cost of trials as their number grows.
 *
 * `npm run bench:engine -- --rounds 5 --only jax,torchEager --quick`
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { CASES, type Case, isReference, QUICK_CASES, shapeName, stepsPerEpoch, widths } from './engine/cases.ts';
import {
  bestPeer,
  EXCEPT_MAP,
  geomeanOf,
  gigaflopsPerCore,
  noPeers,
  type PeersMs,
  peerRatio,
  type Row,
} from './engine/comparison.ts';
import { measure100Epochs, measureCostOfTrials, measureMemoryCost, measureTwoThreads } from './engine/cost.ts';
import { checkLosses } from './engine/losses.ts';
import { measureNarrowsMs, withEngine } from './engine/narrows.ts';
import { preparePeaks } from './engine/peak.ts';
import { PEERS, Peer, type PeerName } from './peers/peer.ts';
import { digits, mean, median } from './statistics.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string' }, only: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
const rounds = Number(options.rounds ?? (options.quick ? 1 : 3));
const only = options.only?.split(',') ?? PEERS.map(({ name }) => name);
const unknown = only.find((name) => name !== 'none' && !PEERS.some((peer) => peer.name === name));
if (!Number.isInteger(rounds) || rounds < 1 || unknown !== undefined) {
  const names = PEERS.map(({ name }) => name).join(', ');
  console.error(`--rounds must be an integer of at least 1, and --only a list of ${names}, or none`);
  process.exit(2);
}

const cores = availableParallelism();
const cases = options.quick ? QUICK_CASES : CASES;
const peers = new Map<PeerName, Peer>();
for (const { name, program } of PEERS) if (only.includes(name)) peers.set(name, new Peer(name, program));

/** Versions, and number of trials run, as reported by the peers. */
const versions = new Map<PeerName, string>();
let trialsRun = 0;

/**
 * Gives a peer one turn: milliseconds per step and trial. Returns null and drops the peer for the
 * rest of the run when it is not available.
 */
async function measurePeer(peer: Peer, workload: Case): Promise<{ ms: number; compileSeconds: number } | null> {
  try {
    const { batch, trials, peerEpochs } = workload;
    const answer = await peer.train({
      shape: widths(workload),
      bottleneck: 2,
      ...{ batch, trials, epochs: peerEpochs, threads: cores, trialsFraction: 4 },
    });
    checkLosses(workload, peer.name, answer.losses);
    versions.set(peer.name, answer.version);
    const trained = answer.losses.length;
    if (peer.name === 'torchEager') trialsRun = trained;
    const steps = peerEpochs * stepsPerEpoch(workload) * trained;
    return { ms: (1000 * answer.seconds) / steps, compileSeconds: answer.compileSeconds };
  } catch (error) {
    console.log(`${peer.name}: not available: ${(error as Error).message}`);
    peers.delete(peer.name);
    await peer.close();
    return null;
  }
}

const peaks = preparePeaks();

const { rows, build } = await withEngine(cores, async (engine) => {
  const measured: Row[] = [];
  for (const workload of cases) {
    const narrowsTurns: number[] = [];
    const peerTurns = new Map<PeerName, number[]>();
    const compileSeconds: Partial<PeersMs> = {};
    for (let round = 0; round < rounds; round++) {
      peaks.measure();
      narrowsTurns.push(await measureNarrowsMs(engine, workload));
      for (const [name, peer] of peers) {
        const turn = await measurePeer(peer, workload);
        if (turn === null) continue;
        peerTurns.set(name, [...(peerTurns.get(name) ?? []), turn.ms]);
        if (turn.compileSeconds > 0) compileSeconds[name] = digits(turn.compileSeconds, 3);
      }
    }
    const peersMs = noPeers();
    for (const [name, turns] of peerTurns) peersMs[name] = digits(median(turns));
    measured.push({ workload, narrowsMs: digits(median(narrowsTurns)), peersMs, compileSeconds });
    console.error(`${shapeName(workload)}, batch ${workload.batch}: done`);
  }
  return { rows: measured, build: engine.build };
});
for (const peer of peers.values()) await peer.close();

const medianOf = async (measure: () => Promise<number>): Promise<number> => {
  const all: number[] = [];
  for (let round = 0; round < rounds; round++) all.push(await measure());
  return median(all);
};
const seconds100 = await medianOf(measure100Epochs);
const threadsRatio = cores > 1 ? await medianOf(measureTwoThreads) : null;
const cost = await measureCostOfTrials(rounds, options.quick);
const memory = measureMemoryCost();

const rate = rows.filter(({ workload }) => isReference(workload) && workload.batch === 256);
const gigaflops = mean(rate.map(({ workload, narrowsMs }) => gigaflopsPerCore(workload, narrowsMs, cores)));
const mapRates = rate.flatMap(({ workload, peersMs: { jaxMap } }) =>
  jaxMap === null ? [] : [gigaflopsPerCore(workload, jaxMap, cores)],
);
const mapGigaflops = mapRates.length > 0 ? mean(mapRates) : null;
const [peak, processorPeak] = [peaks.ofBuild(), peaks.ofProcessor()];
const geomean = noPeers();
for (const { name } of PEERS) geomean[name] = geomeanOf(rows, peerRatio(name));
const geomeanBest = geomeanOf(rows, (row) => bestPeer(row)?.ratio ?? null);
const geomeanBestExceptJaxMap = geomeanOf(rows, (row) => bestPeer(row, EXCEPT_MAP)?.ratio ?? null);

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
const microseconds = (ms: number): string => (1000 * ms).toFixed(ms < 0.0995 ? 1 : 0);
const cells = ({ narrowsMs: ms, peersMs }: Row): string =>
  PEERS.map(({ name }) => {
    const peer = peersMs[name];
    return (peer === null ? '-' : `${microseconds(peer)} ${(peer / ms).toFixed(1)}x`).padStart(11);
  }).join('');
const bestCell = (row: Row): string => {
  const best = bestPeer(row);
  return best === null ? '' : `  ${best.ratio.toFixed(2)}x ${PEERS.find(({ name }) => name === best.peer)?.label}`;
};

console.log(`${build}, ${cores} processors, medians of ${rounds} round${rounds === 1 ? '' : 's'}, 64 trials on 5632 rows`);
for (const { name, about } of PEERS) {
  const version = versions.get(name);
  if (version !== undefined) console.log(`${about}, ${version}${name === 'torchEager' ? `, ${trialsRun} of the trials` : ''}`);
}
console.log('\nMicroseconds per step and trial; for peers also the ratio of their time to that of narrows.\n');
const heads = PEERS.map(({ label }) => label.padStart(11)).join('');
console.log(`${'shape'.padEnd(24)}${'rows'.padStart(5)}${'narrows'.padStart(8)}${heads}  best peer`);
for (const row of rows) {
  const { workload, narrowsMs: ms } = row;
  console.log(
    `${shapeName(workload).padEnd(24)}${String(workload.batch).padStart(5)}${microseconds(ms).padStart(8)}${cells(row)}${bestCell(row)}`,
  );
}
const means = PEERS.map(({ name }) => (geomean[name] === null ? '-' : `${geomean[name].toFixed(1)}x`).padStart(11)).join('');
const bestMean = geomeanBest === null ? '' : `  ${geomeanBest.toFixed(2)}x`;
console.log(`${'geometric mean, 64 wide'.padEnd(37)}${means}${bestMean}`);
if (geomeanBestExceptJaxMap !== null) {
  console.log(`to the best peer without JAX map: ${geomeanBestExceptJaxMap.toFixed(2)}x`);
}
console.log(`
narrows, 64 wide, 256 rows: ${gigaflops.toFixed(1)} GFLOP/s per core`);
console.log(`the peak of this build: ${peak.toFixed(1)} GFLOP/s per core; narrows reaches ${percent(gigaflops / peak)} of it`);
if (mapGigaflops !== null) {
  const share = `${percent(mapGigaflops / processorPeak)} of the processor's peak (${processorPeak.toFixed(1)})`;
  console.log(`JAX map: ${mapGigaflops.toFixed(1)} GFLOP/s per core, ${share}`);
}
const byVectors = peaks.byVectors();
const shownPeaks = Object.entries(byVectors).map(([name, value]) => `${name} ${value === null ? '-' : value.toFixed(1)}`);
console.log(`peaks by build, GFLOP/s per core: ${shownPeaks.join(', ')}`);
console.log(`100 epochs of 3-64-64-2-64-64-121, 5600 rows, batch 256, one thread: ${seconds100.toFixed(2)} s`);
if (threadsRatio !== null) console.log(`a pack of 16 on two threads: ${threadsRatio.toFixed(2)} times the throughput of one`);
console.log(`
Packs of 3 epochs of that on ${cores} threads: ${cost.a} s + ${cost.b} s per trial, R2 ${cost.r2}`);
for (const [i, trials] of cost.trials.entries()) {
  console.log(
    `${String(trials).padStart(6)} trials ${(cost.seconds[i] as number).toFixed(3).padStart(8)} s  ${(cost.msPerTrial[i] as number).toFixed(1).padStart(6)} ms per trial`,
  );
}
console.log(
  `memory of a trial in training: ${memory.wasmMiBPerThread} MiB per thread, ${memory.wasmMiBAfterTwo} MiB after a second trial`,
);
console.log(`memory per further trial of a pack: ${memory.peakMiBPerTrial} MiB at the peak, the reports included`);

console.log(
  JSON.stringify({
    bench: 'engine',
    cases: rows.map((row) => {
      const { workload, ...metrics } = row;
      return {
        shape: shapeName(workload),
        batch: workload.batch,
        trials: workload.trials,
        ...metrics,
        best: bestPeer(row),
        bestExceptJaxMap: bestPeer(row, EXCEPT_MAP),
      };
    }),
    geomean,
    geomeanBest,
    geomeanBestExceptJaxMap,
    geomeanOver: 'peer / narrows, the 64-wide cases',
    peakShare: digits(gigaflops / peak, 3),
    peakGflops: digits(peak),
    peaks: byVectors,
    jaxMapPeakShare: mapGigaflops === null ? null : digits(mapGigaflops / processorPeak, 3),
    gflopsPerCore: digits(gigaflops),
    build,
    cores,
    rounds,
    epochs100Seconds: digits(seconds100),
    twoThreads: threadsRatio === null ? null : digits(threadsRatio, 3),
    cost: { ...cost, memory },
  }),
);
