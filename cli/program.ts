/** The program: a table of its commands. */
import { Command, Option } from 'commander';
import { readCodeVersion } from '../infra/code-version.ts';
import { OUTPUTS } from './context.ts';

type Register = (program: Command) => void;

interface CommandModule {
  readonly names: readonly string[];
  load(): Promise<Register>;
}

/** Commands in the order of the help. A call loads the module of its command only. */
const MODULES: readonly CommandModule[] = [
  { names: ['demo'], load: async () => (await import('./commands/demo.ts')).registerDemo },
  { names: ['demo-retrain'], load: async () => (await import('./commands/demo-retrain.ts')).registerDemoRetrain },
  { names: ['init'], load: async () => (await import('./commands/init.ts')).registerInit },
  { names: ['data'], load: async () => (await import('./commands/data.ts')).registerData },
  { names: ['sweep'], load: async () => (await import('./commands/sweep.ts')).registerSweep },
  { names: ['retrain'], load: async () => (await import('./commands/retrain.ts')).registerRetrain },
  { names: ['champion'], load: async () => (await import('./commands/champion.ts')).registerChampion },
  { names: ['results'], load: async () => (await import('./commands/results.ts')).registerResults },
  { names: ['compare'], load: async () => (await import('./commands/compare.ts')).registerCompare },
  { names: ['report'], load: async () => (await import('./commands/report.ts')).registerReport },
  { names: ['agreement'], load: async () => (await import('./commands/agreement.ts')).registerAgreement },
  {
    names: ['model', 'predict', 'encode', 'expand', 'reconstruct'],
    load: async () => (await import('./commands/model.ts')).registerModel,
  },
  { names: ['export'], load: async () => (await import('./commands/export.ts')).registerExport },
  { names: ['serve'], load: async () => (await import('./commands/serve.ts')).registerServe },
  { names: ['token'], load: async () => (await import('./commands/token.ts')).registerToken },
  {
    names: ['up', 'down', 'status', 'doctor', 'worker'],
    load: async () => (await import('./commands/runtime.ts')).registerRuntime,
  },
];

/** Creates the program with the command that the arguments name; with all where they name none. */
export async function createProgram(args: readonly string[] = []): Promise<Command> {
  const program = new Command('narrows')
    .description('How few numbers carry what a spectrum sees of a structure, and what are they?')
    .version(readCodeVersion())
    .addOption(new Option('--output <format>', 'how data are printed on stdout').choices(OUTPUTS).default('text'))
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', '\nExample:\n  $ narrows demo')
    .showSuggestionAfterError(true);
  for (const register of await Promise.all(modulesFor(args).map(({ load }) => load()))) register(program);
  everywhere(program, (command) => {
    command.exitOverride();
    command.configureOutput({ outputError: () => {} });
    if (command !== program && command.commands.length === 0) {
      command.addOption(new Option('--output <format>', 'how data are printed on stdout').choices(OUTPUTS).default('text'));
    }
  });
  return program;
}

function modulesFor(args: readonly string[]): readonly CommandModule[] {
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
