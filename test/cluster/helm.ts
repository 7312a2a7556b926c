/** The chart, and Helm's commands over it. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../house/sources.ts';

export const CHART = join(ROOT, 'infra/helm/narrows');

/** Values files of the chart: its defaults, and those that a person adds to them. */
export const VALUES_FILES: readonly string[] = readdirSync(CHART)
  .filter((file) => /^values.*\.yaml$/.test(file))
  .toSorted();

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

interface HelmAnswer {
  readonly code: number;
  readonly output: string;
}

export interface Helm {
  /** Runs a command; `kubeconfig` of the environment decides which cluster it reaches. */
  run(...args: readonly string[]): Promise<HelmAnswer>;
  /** Returns the objects of the chart. Throws where Helm refuses the arguments. */
  render(...args: readonly string[]): Promise<KubernetesObject[]>;
}

export function openHelm(program: string, kubeconfig = '/dev/null'): Helm {
  const run: Helm['run'] = async (...args) => {
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    try {
      const { stdout, stderr } = await promisify(execFile)(program, args, { env, maxBuffer: 1 << 26 });
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, output: stdout + stderr };
    }
  };
  return {
    run,
    async render(...args) {
      const { code, output } = await run('template', 'narrows', CHART, '--namespace', 'xray', ...args);
      if (code !== 0) throw new Error(output);
      return parseAllDocuments(output)
        .map((document) => document.toJS() as KubernetesObject | null)
        .filter((object) => object !== null);
    },
  };
}

/** Returns the arguments for a values file, which is added to the defaults. */
export const valuesFrom = (file: string): string[] => (file === 'values.yaml' ? [] : ['--values', join(CHART, file)]);
