/** The kernel's compiler for tests: the installed one, or its wheel in the user's cache. */
import { COMPILER_REQUIREMENT, findCompiler } from '../../../models/engines/kernel/build.ts';
import { pythonEnvironment, runPython } from '../python.ts';

/**
 * Makes findCompiler find the compiler in this process and its children. Returns the reason for
 * skipping the tests that need it where it can neither be found nor installed, else false.
 */
export async function prepareCompiler(): Promise<string | false> {
  if (findCompiler() !== null) return false;
  const { python, skip } = await pythonEnvironment([COMPILER_REQUIREMENT]);
  if (python === null) return skip;
  const folder = await runPython(python, 'import os, ziglang; print(os.path.dirname(ziglang.__file__), end="")');
  process.env.PATH = `${folder}:${process.env.PATH}`;
  return false;
}
