/** The command line. Data go to stdout, everything else to stderr. */
import { readDebug } from '../infra/env.ts';
import { flushData, printNote } from '../infra/output.ts';
import { useBundledLibraries } from '../libraries.ts';
import { handleOutputErrors, OUTPUTS, type Output } from './context.ts';
import { describeExit } from './failure.ts';
import { createProgram } from './program.ts';

useBundledLibraries();
handleOutputErrors(() => process.exit(0));

const args = process.argv.slice(2);

/** Returns the format of errors before commander has parsed, or where it cannot. */
function outputOf(given: readonly string[]): Output {
  const at = given.findLastIndex((arg) => arg === '--output' || arg.startsWith('--output='));
  const value = given[at]?.startsWith('--output=') ? given[at].slice('--output='.length) : given[at + 1];
  return at >= 0 && OUTPUTS.includes(value as Output) ? (value as Output) : 'text';
}

try {
  const program = await createProgram(args);
  await program.parseAsync(args, { from: 'user' });
} catch (error) {
  const { exit, text } = describeExit(error, outputOf(args), readDebug());
  if (text !== '') printNote(text);
  process.exitCode = exit;
}
// Open sockets and threads must not keep a finished command alive; output is flushed, and its
// errors are handled, first.
flushData(() => setImmediate(() => process.exit()));
