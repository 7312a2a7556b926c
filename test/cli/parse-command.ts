/** Parses command lines without running them. */
import type { Command } from 'commander';
import { createProgram } from '../../cli/program.ts';

/** Parses the words after `narrows`; throws where they are not a valid command. */
export async function parseCommand(words: readonly string[]): Promise<void> {
  const program = await createProgram();
  const disableActions = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => {});
    for (const child of command.commands) disableActions(child);
  };
  disableActions(program);
  await program.parseAsync(words, { from: 'user' }).catch((error: { exitCode?: number; message: string }) => {
    if (error.exitCode !== 0) throw new Error(`narrows ${words.join(' ')}: ${error.message}`);
  });
}
