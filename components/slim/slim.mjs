// Makes the components of spin.toml and those they depend on smaller, in place: Binaryen takes some 15 % of the code out
// that the Rust compiler and its linker leave in, and the names that the linker gives to the component's parts go too.
//
// Run by `spin build` behind `cargo wasm`, from the folder of spin.toml. What was made smaller once is remembered by its
// content, so that a build without changes takes no time.

import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { readSections, writeSections } from './component.mjs';

/** What hosts of WASI 0.2 have: Binaryen must not use more. */
const FEATURES = [
  'bulk-memory',
  'bulk-memory-opt',
  'call-indirect-overlong',
  'extended-const',
  'multivalue',
  'mutable-globals',
  'nontrapping-float-to-int',
  'reference-types',
  'sign-ext',
  'simd',
];
const ARGUMENTS = ['--mvp-features', ...FEATURES.map((feature) => `--enable-${feature}`)];

/** How the files that spin.toml names by a key are optimised: components for size, what they share for speed. */
const LEVELS = { source: '-Oz', path: '-O3' };

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(process.env.CARGO_TARGET_DIR ?? 'target', 'slim');

await install();
await mkdir(cache, { recursive: true });
const salt = JSON.stringify([ARGUMENTS, LEVELS, await readFile(join(here, 'package-lock.json'), 'utf8')]);
const waiting = await named();
const used = new Set();
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      await slim(...next);
    }
  }),
);
for (const name of await readdir(cache)) {
  if (!used.has(join(cache, name))) {
    await rm(join(cache, name));
  }
}

/** The packages of the lock file, where they are not there yet. */
async function install() {
  const [wanted, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map((name) => join(here, name));
  const version = async (file) => JSON.parse(await readFile(file, 'utf8')).packages['node_modules/binaryen'].version;
  if (!existsSync(installed) || (await version(installed)) !== (await version(wanted))) {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--silent'], { cwd: here, stdio: 'inherit' });
  }
}

/** The files that spin.toml names and that are built, each with the level it is optimised at. */
async function named() {
  const manifest = await readFile('spin.toml', 'utf8');
  const names = manifest.matchAll(/\b(source|path) = "(.+\.wasm)"/g);
  const levels = new Map(Array.from(names, ([, key, file]) => [file, LEVELS[key]]));
  return [...levels].filter(([file]) => existsSync(file));
}

async function slim(file, level) {
  const component = await readFile(file);
  const kept = remembered(component);
  if (!existsSync(kept)) {
    const result = await smaller(component, level);
    await put(kept, result);
    // Its own result is left as it is, should Cargo not have put the larger file there again.
    await put(remembered(result), result);
    console.log(`${file}: ${component.length} -> ${result.length} bytes`);
  }
  const result = await readFile(kept);
  used.add(kept).add(remembered(result));
  if (!result.equals(component)) {
    await put(file, result);
  }
}

/** Where that which a component becomes is kept. */
function remembered(component) {
  return join(cache, `${createHash('sha256').update(salt).update(component).digest('hex')}.wasm`);
}

/** Whoever reads the file meanwhile reads the old or the new one, never half of one. */
async function put(file, bytes) {
  const draft = `${file}.${process.pid}.draft`;
  await writeFile(draft, bytes);
  await rename(draft, file);
}

/** The component with its modules optimised, and without the names. */
async function smaller(component, level) {
  const sections = [];
  for (const section of readSections(component)) {
    if (section.name === 'component-name') {
      continue;
    }
    sections.push(section.isModule ? { ...section, body: await optimise(section.body, level) } : section);
  }
  return writeSections(component.subarray(0, 8), sections);
}

async function optimise(module, level) {
  const folder = await mkdtemp(join(tmpdir(), 'slim-'));
  try {
    const [from, to] = ['in.wasm', 'out.wasm'].map((name) => join(folder, name));
    await writeFile(from, module);
    const tool = join(here, 'node_modules/binaryen/bin/wasm-opt');
    await promisify(execFile)(process.execPath, [tool, level, ...ARGUMENTS, from, '-o', to]);
    return await readFile(to);
  } finally {
    await rm(folder, { recursive: true });
  }
}
