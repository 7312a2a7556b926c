/**
 * Asks the supervisor of a home folder which of its processes answer now: a signal is the question,
 * a file the answer. Both need no port, and no path that could be too long for a socket.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { type Home, writeAtomically } from '../home.ts';

/** Ignored where it is not expected, unlike SIGUSR2, for which Node can write a report. */
const SIGNAL = 'SIGURG';

/** Time that a process has for its answer, and the supervisor for all of them. */
const ANSWER_MILLISECONDS = 3000;
const ALL_MILLISECONDS = 2 * ANSWER_MILLISECONDS;
const POLL_MILLISECONDS = 20;

const answersSchema = z.object({
  /** Nanoseconds of the machine's monotonic clock when the question arrived. */
  at: z.string().regex(/^\d+$/),
  /** Whether each process answered, by name. */
  answers: z.record(z.string(), z.boolean()),
});

export type Answers = Readonly<Record<string, boolean>>;

const fileOf = ({ directory }: Home): string => join(directory, 'answers.json');

/** Answers questions until the returned function is called. */
export function answerQuestions(home: Home, ask: (timeoutMs: number) => Promise<Answers>): () => void {
  rmSync(fileOf(home), { force: true }); // of before a reboot, which set the clock to 0
  const answer = async () => {
    const at = String(process.hrtime.bigint());
    const answers = await ask(ANSWER_MILLISECONDS);
    writeAtomically(fileOf(home), JSON.stringify({ at, answers }));
  };
  // A full disk leaves the question without an answer.
  const onQuestion = () => void answer().catch(() => {});
  process.on(SIGNAL, onQuestion);
  return () => {
    process.off(SIGNAL, onQuestion);
    rmSync(fileOf(home), { force: true });
  };
}

/** Asks a supervisor that is up; null where it does not answer itself. */
export async function askSupervisor(home: Home, pid: number): Promise<Answers | null> {
  const asked = process.hrtime.bigint();
  try {
    process.kill(pid, SIGNAL);
  } catch {
    return null;
  }
  const deadline = performance.now() + ALL_MILLISECONDS;
  while (performance.now() < deadline) {
    const found = readAnswers(home);
    if (found && BigInt(found.at) > asked) return found.answers;
    await setTimeout(POLL_MILLISECONDS);
  }
  return null;
}

function readAnswers(home: Home): z.infer<typeof answersSchema> | null {
  try {
    return answersSchema.parse(JSON.parse(readFileSync(fileOf(home), 'utf8')));
  } catch {
    return null;
  }
}
