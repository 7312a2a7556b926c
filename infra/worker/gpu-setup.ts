/**
 * `npm run gpu:setup`: builds tfjs-node's binding against TensorFlow's wheel from PyPI, for this
 * user, so that the TensorFlow engine runs natively: on NVIDIA GPUs with `--gpu`, on the CPU with
 * `--cpu` (the default without a GPU). Needs python3 with pip, a C++ compiler and make.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { NarrowsError } from '../../errors.ts';
import { loadTensorflow } from '../../models/engines/tfjs/load.ts';
import { readEnvironment } from '../env.ts';
import { printNote } from '../output.ts';
import { TFJS_VERSION, tensorflowFolder } from './tensorflow-folder.ts';

const execFileAsync = promisify(execFile);

/** Version of the wheel that was tested with tfjs-node's C interface. */
const TENSORFLOW_VERSION = '2.21.0';
const NODE_GYP_VERSION = '11.4.2';

async function run(what: string, command: string, args: readonly string[], cwd: string): Promise<void> {
  printNote(what);
  try {
    await execFileAsync(command, args, { cwd, maxBuffer: 2 ** 28 });
  } catch (error) {
    const { code, stderr = '' } = error as { code?: string | number; stderr?: string };
    const reason = code === 'ENOENT' ? `${command} is not installed` : stderr.trim().split('\n').slice(-12).join('\n');
    throw new NarrowsError('gpu-setup-failed', `${what}: ${reason}`, { kind: 'failure' });
  }
}

function hasGpu(): boolean {
  try {
    execFileSync('nvidia-smi', ['-L'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Builds in a draft folder and links `folder` to it on success. */
async function setUp(folder: string, gpu: boolean): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-draft-`);
  try {
    writeFileSync(join(draft, 'package.json'), '{ "private": true }\n');
    const packages = [`@tensorflow/tfjs-node-gpu@${TFJS_VERSION}`, `node-gyp@${NODE_GYP_VERSION}`];
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run('downloading tfjs-node-gpu', 'npm', ['install', ...quiet, ...packages], draft);
    const wheel = gpu ? 'tensorflow' : 'tensorflow-cpu';
    const wheels = join(draft, 'wheel');
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', wheels];
    await run(
      `downloading ${wheel} ${TENSORFLOW_VERSION} (some hundred megabytes)`,
      'python3',
      [...pip, `${wheel}==${TENSORFLOW_VERSION}`],
      draft,
    );
    const [archive] = globSync(join(wheels, '*.whl'));
    await run('unpacking it', 'python3', ['-m', 'zipfile', '-e', archive ?? 'the wheel', join(draft, 'python')], draft);
    rmSync(wheels, { recursive: true });

    const bindings = join(draft, 'node_modules/@tensorflow/tfjs-node-gpu');
    const tensorflow = join(draft, 'python/tensorflow');
    const library = join(bindings, 'deps/lib');
    mkdirSync(library, { recursive: true });
    symlinkSync(linkTo(tensorflow, 'include'), join(bindings, 'deps/include'));
    for (const [name, file] of [
      ['libtensorflow.so', 'libtensorflow_cc.so.2'],
      ['libtensorflow_cc.so.2', 'libtensorflow_cc.so.2'],
      ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
      ['libtensorflow_framework.so.2', 'libtensorflow_framework.so.2'],
    ] as const)
      symlinkSync(`../${linkTo(tensorflow, file)}`, join(library, name));
    await run(
      'compiling the binding',
      process.execPath,
      [
        join(draft, 'node_modules/node-gyp/bin/node-gyp.js'),
        'rebuild',
        `--nodedir=${resolve(dirname(process.execPath), '..')}`,
        ...['--napi_build_version=8', '--module_name=tfjs_binding', `--module_path=${join(bindings, 'lib/napi-v8')}`],
      ],
      bindings,
    );
    rmSync(folder, { recursive: true, force: true });
    // Run paths are absolute: the draft keeps its name, and the folder is a link to it.
    symlinkSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

/** Returns the path from the deps folder, three levels below the parent of node_modules. */
const linkTo = (tensorflow: string, file: string): string => {
  if (!existsSync(join(tensorflow, file)))
    throw new NarrowsError('gpu-setup-failed', `the wheel does not contain tensorflow/${file}`);
  return join('../../../../python/tensorflow', file);
};

const { values } = parseArgs({ options: { gpu: { type: 'boolean' }, cpu: { type: 'boolean' } } });
const folder = tensorflowFolder(readEnvironment());
try {
  await setUp(folder, values.gpu ?? (values.cpu ? false : hasGpu()));
  const { flavour, version, gpu, passedOver } = await loadTensorflow(folder);
  if (flavour !== 'tfjs-node-gpu') throw new NarrowsError('gpu-setup-failed', passedOver.join('; '), { kind: 'failure' });
  printNote(`ready: ${flavour} ${version}, ${gpu ? 'on the GPU' : 'on the processor'}, in ${folder}`);
} catch (error) {
  if (!(error instanceof NarrowsError)) throw error;
  printNote(`error: ${error.message}`);
  process.exitCode = error.kind === 'invalid' ? 2 : 1;
}
