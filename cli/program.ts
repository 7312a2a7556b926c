/** The commands, their options and their help. */
import { Command, Option } from 'commander';
import { codeVersion } from '../infra/code-version.ts';
import { registerAgreement } from './commands/agreement.ts';
import { registerChampion } from './commands/champion.ts';
import { registerCompare } from './commands/compare.ts';
import { registerData } from './commands/data.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDemoRetrain } from './commands/demo-retrain.ts';
import { registerExport } from './commands/export.ts';
import { registerInit } from './commands/init.ts';
import { registerModel } from './commands/model.ts';
import { registerReport } from './commands/report.ts';
import { registerResults } from './commands/results.ts';
import { registerRetrain } from './commands/retrain.ts';
import { registerRuntime } from './commands/runtime.ts';
import { registerServe } from './commands/serve.ts';
import { registerSweep } from './commands/sweep.ts';
import { registerToken } from './commands/token.ts';
import { OUTPUTS } from './context.ts';

export function createProgram(): Command {
  const program = new Command('narrows')
    .description('How few numbers carry what a spectrum sees of a structure, and what are they?')
    .version(codeVersion())
    .addOption(new Option('--output <format>', 'how data are printed on stdout').choices(OUTPUTS).default('text'))
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', '\nExample:\n  $ narrows demo')
    .showSuggestionAfterError(true);
  registerDemo(program);
  registerDemoRetrain(program);
  registerInit(program);
  registerData(program);
  registerSweep(program);
  registerRetrain(program);
  registerChampion(program);
  registerResults(program);
  registerCompare(program);
  registerReport(program);
  registerAgreement(program);
  registerModel(program);
  registerExport(program);
  registerServe(program);
  registerToken(program);
  registerRuntime(program);
  everywhere(program, (command) => {
    command.exitOverride();
    command.configureOutput({ outputError: () => {} });
    if (command !== program && command.commands.length === 0) {
      command.addOption(new Option('--output <format>', 'how data are printed on stdout').choices(OUTPUTS).default('text'));
    }
  });
  return program;
}

function everywhere(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) everywhere(child, visit);
}
