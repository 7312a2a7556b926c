/** Builds the workflow bundle into the named file. */
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { CODE_ROOT } from '../code-version.ts';
import { writeAtomically } from '../home.ts';
import { IS_CHECKOUT } from '../processes/entry.ts';

const [, , file] = process.argv;
if (file === undefined) throw new Error('name the file to write');
const pathOf = (module: string) => join(CODE_ROOT, 'workflows', `${module}.${IS_CHECKOUT ? 'ts' : 'js'}`);
const { code } = await bundleWorkflowCode({
  workflowsPath: pathOf('index'),
  workflowInterceptorModules: [pathOf('tracing')],
  logger: new DefaultLogger('ERROR'),
  webpackConfigHook: (config) => ({
    ...config,
    // Modules are named from the root, wherever the build runs: one key of the cache is one bundle.
    context: CODE_ROOT,
    // Else webpack leaves a link to a folder that it could not read by name.
    resolve: { ...config.resolve, symlinks: false },
    resolveLoader: { ...config.resolveLoader, symlinks: false },
  }),
});
writeAtomically(file, code, 0o644);
