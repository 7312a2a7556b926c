/** The program: a table of its commands. */
import { Command, CommanderError, Option } from 'commander';
import { readCodeVersion } from '../infra/code-version.ts';
import { printData } from '../infra/output.ts';
import { OUTPUTS } from './context.ts';

interface CommandModule {
  readonly names: readonly string[];
  load(): Promise<{ register(program: Command): void }>;
}

/** Commands in the order of the help. A call loads the module of its command only. */
const MODULES: readonly CommandModule[] = [
  { names: ['demo'], load: () => import('./commands/demo.ts') },
  { names: ['demo-retrain'], load: () => import('./commands/demo-retrain.ts') },
  { names: ['init'], load: () => import('./commands/init.ts') },
  { names: ['data'], load: () => import('./commands/data.ts') },
  { names: ['sweep'], load: () => import('./commands/sweep.ts') },
  { names: ['prune'], load: () => import('./commands/prune.ts') },
  { names: ['verify'], load: () => import('./commands/verify.ts') },
  { names: ['archive', 'restore'], load: () => import('./commands/archive.ts') },
  { names: ['retrain'], load: () => import('./commands/retrain.ts') },
  { names: ['champion'], load: () => import('./commands/champion.ts') },
  { names: ['results'], load: () => import('./commands/results.ts') },
  { names: ['compare'], load: () => import('./commands/compare.ts') },
  { names: ['report'], load: () => import('./commands/report.ts') },
  { names: ['agreement'], load: () => import('./commands/agreement.ts') },
  { names: ['model', 'predict', 'encode', 'expand', 'reconstruct'], load: () => import('./commands/model.ts') },
  { names: ['export'], load: () => import('./commands/export.ts') },
  { names: ['serve'], load: () => import('./commands/serve.ts') },
  { names: ['token'], load: () => import('./commands/token.ts') },
  { names: ['blobs'], load: () => import('./commands/blobs.ts') },
  { names: ['migrate', 'db'], load: () => import('./commands/database.ts') },
  { names: ['worker'], load: () => import('./commands/worker.ts') },
  { names: ['up', 'down', 'status', 'doctor'], load: () => import('./commands/runtime.ts') },
];

/** Creates the program with the command that the arguments name; with all where they name none. */
export async function createProgram(args: readonly string[] = []): Promise<Command> {
  const program = new Command('narrows')
    .description('How few numbers carry what a spectrum sees of a structure, and what are they?')
    .option('-V, --version', 'output the version number')
    .on('option:version', printVersion)
    .addOption(new Option('--output <format>', 'how data are printed on stdout').choices(OUTPUTS).default('text'))
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', '\nExample:\n  $ narrows demo')
    .showSuggestionAfterError(true);
  for (const { register } of await Promise.all(modulesFor(args).map(({ load }) => load()))) register(program);
  everywhere(program, (command) => {
    command.exitOverride();
    command.configureOutput({ outputError: () => {} });
    if (command !== program && command.commands.length === 0) {
      command.addOption(new Option('--output <format>', 'how data are printed on stdout').choices(OUTPUTS).default('text'));
    }
  });
  return program;
}

/** Prints the version; commander's own option would hash the code for every command. */
function printVersion(): never {
  const version = readCodeVersion();
  printData(version);
  throw new CommanderError(0, 'commander.version', version);
}

function modulesFor(args: readonly string[]): readonly CommandModule[] {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) return [];
  // The command may follow --output with its value; anything else is left to commander, with all
  // commands.
  const [first] = args[0] === '--output' ? args.slice(2) : args[0]?.startsWith('--output=') ? args.slice(1) : args;
  const named = MODULES.filter(({ names }) => first !== undefined && names.includes(first));
  return named.length > 0 ? named : MODULES;
}

function everywhere(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) everywhere(child, visit);
}
