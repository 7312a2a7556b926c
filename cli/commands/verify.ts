import type { Command } from 'commander';
import { withStorage } from '../../infra/sessions.ts';
import { type DamageFinding, type StorageReport, verifyStorage } from '../../operations/lifecycle/verify.ts';
import { countOf } from '../../text/format.ts';
import { addCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

export function register(program: Command): void {
  addCommand<{ sweeps: string[] }>(program, {
    name: 'verify',
    arguments: [['[sweeps...]', 'ids or names; all, and all datasets, where none is named']],
    description: 'Read everything that is stored, and name what is damaged, with the way to mend it.',
    examples: ['narrows verify', 'narrows verify demo --output json'],
    run: (context, { sweeps }) =>
      withStorage(context, async (storage) => {
        const report = await verifyStorage(storage, sweeps, { signal: context.signal });
        context.print(report, () => describeReport(report));
        return report.findings.some(({ result }) => result === 'failed') ? EXIT.failure : EXIT.ok;
      }),
  });
}

function describeReport({ arrays, sweeps, trials, findings }: StorageReport): string {
  const read = `${countOf(arrays, 'array')}, ${countOf(sweeps, 'sweep')} and ${countOf(trials, 'trial')}`;
  if (findings.length === 0) return `${read} are intact`;
  return [...findings.map(describeFinding), `${countOf(findings.length, 'fault')} in ${read}`].join('\n');
}

const describeFinding = ({ subject, problem, fix, result }: DamageFinding): string =>
  `${result === 'failed' ? 'damaged' : 'warning'}  ${subject}: ${problem}\n         ${fix}`;
