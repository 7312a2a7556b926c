/** Faults of processes, networks, clocks and deliveries, drawn from a seed. */
import { stream } from '../../models/random.ts';

/** Processes of Node, which are also stopped in good order, and stalled. */
const NODE_PROCESSES = ['trainer', 'orchestrator', 'api'] as const;
const PROCESSES = [...NODE_PROCESSES, 'supervisor', 'temporal', 'postgres'] as const;
/** Ways of the Node processes to a server. */
const NETWORKS = ['postgres', 'temporal'] as const;
/** Temporal reads its clock without the C library, and keeps it. */
export const CLOCKS = [...NODE_PROCESSES, 'postgres'] as const;

export type Process = (typeof PROCESSES)[number];
export type Network = (typeof NETWORKS)[number];
export type Clock = (typeof CLOCKS)[number];

export type Strike =
  /** SIGKILL; with the supervisor all others end, and the stack is started again. */
  | { readonly kind: 'kill'; readonly target: Process }
  /** SIGTERM, as by a roll-out. */
  | { readonly kind: 'stop'; readonly target: Process }
  /** SIGSTOP for longer than the time-out of heartbeats. */
  | { readonly kind: 'stall'; readonly target: Process }
  /** Connections end, and further ones are refused, for as long. */
  | { readonly kind: 'cut'; readonly target: Network }
  /** Connections stay, and nothing passes for as long; what was sent arrives afterwards. */
  | { readonly kind: 'hold'; readonly target: Network }
  /** The clock jumps, and stays so many seconds wrong. */
  | { readonly kind: 'clock'; readonly target: Clock; readonly seconds: number }
  /** Each activity that succeeds from now on is delivered a second time. */
  | { readonly kind: 'repeat'; readonly target: 'activities' };

export type Kind = Strike['kind'];

/** Number of ended trials at which it strikes. */
export type Fault = Strike & { readonly after: number };

/** Half of the faults are kills; every kind is drawn once before one is drawn again. */
const DECK = [
  ...['kill', 'kill', 'kill', 'kill', 'kill', 'kill'],
  ...['stop', 'stall', 'cut', 'hold', 'clock', 'repeat'],
] as readonly Kind[];

export const KINDS: readonly Kind[] = [...new Set(DECK)];

/** From less than a heartbeat to more than a retention period. */
const MOST_SECONDS = 40 * 86_400;

/** Draws faults of these kinds, in the order of their moments. */
export function drawFaults(seed: number, count: number, trials: number, kinds: readonly Kind[] = KINDS): Fault[] {
  const { uniform } = stream(seed, 'faults');
  const pick = <T>(values: readonly T[]): T => values[Math.floor(uniform() * values.length)] as T;
  let deck: Kind[] = [];
  const drawKind = (): Kind => {
    if (deck.length === 0) deck = DECK.filter((kind) => kinds.includes(kind));
    return deck.splice(Math.floor(uniform() * deck.length), 1)[0] as Kind;
  };
  // Most of what a sweep does is done by trainers.
  const drawProcess = <T extends Process>(names: readonly T[]) => (uniform() < 0.4 ? 'trainer' : pick(names));
  const drawStrike = (kind: Kind): Strike => {
    switch (kind) {
      case 'kill':
        return { kind, target: drawProcess(PROCESSES) };
      case 'stop':
      case 'stall':
        return { kind, target: drawProcess(NODE_PROCESSES) };
      case 'cut':
      case 'hold':
        return { kind, target: pick(NETWORKS) };
      case 'clock':
        return { kind, target: pick(CLOCKS), seconds: pick([-1, 1]) * Math.round(MOST_SECONDS ** uniform()) };
      case 'repeat':
        return { kind, target: 'activities' };
    }
  };
  const faults = Array.from(
    { length: count },
    (): Fault => ({ ...drawStrike(drawKind()), after: Math.floor(uniform() * trials) }),
  );
  return faults.sort((a, b) => a.after - b.after);
}

export const describeFault = (fault: Fault): string =>
  `${fault.kind} ${fault.target}${fault.kind === 'clock' ? ` by ${fault.seconds} s` : ''} after ${fault.after} trials`;
