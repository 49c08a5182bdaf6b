// Builds the cards and pages by HubSpot's own bundler, and the browser page that shows them outside of HubSpot, into
// `target/hubspot-app`. What is built from the same files as before is left as it is.

import './install.mjs';

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, parse, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { PROJECT, writeProject } from './project.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
const target = join(here, '../../target/hubspot-app');
const lock = join(here, 'package-lock.json');

/** Largest bundle of a card, in bytes. */
const CARD_BYTES = 150_000;

/** What HubSpot loads, by its definition's entry point. */
const BUNDLES = [
  { entry: 'src/app/cards/Record.tsx', most: CARD_BYTES },
  { entry: 'src/app/cards/Sidebar.tsx', most: CARD_BYTES },
  { entry: 'src/app/settings/Settings.tsx', most: CARD_BYTES },
  { entry: 'src/app/pages/Pages.tsx', most: CARD_BYTES },
];

const wanted = digest();
const stamp = join(target, 'built-from');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  rmSync(target, { recursive: true, force: true });
  writeProject();
  // Found from below the project as packages are that HubSpot installs in it.
  symlinkSync(join(here, 'node_modules'), join(target, 'node_modules'));
  for (const { entry, most } of BUNDLES) {
    await bundle(entry, most);
  }
  await preview();
  writeFileSync(stamp, wanted);
}

/** Of everything that the result depends on. */
function digest() {
  const hash = createHash('sha256')
    .update(readFileSync(lock))
    .update(readFileSync(join(here, 'hsproject.json')));
  for (const file of ['src', 'preview', 'scripts'].flatMap((folder) => files(join(here, folder))).sort()) {
    hash.update(relative(here, file)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === 'node_modules' ? [] : files(path);
    }
    return [path];
  });
}

/** As `hs project upload` has it built at HubSpot. */
async function bundle(entry, most) {
  const { remoteBuild } = await import('@hubspot/ui-extensions-dev-server/build');
  const { dir, name } = parse(entry);
  const outputDir = join(target, name);
  await remoteBuild({ root: join(PROJECT, dir), entryPoint: `./${name}.tsx`, outputDir, logLevel: 'warn' });
  const file = join(outputDir, `${name}.js`);
  const bytes = statSync(file).size;
  if (bytes > most) {
    throw new Error(`${name}.js has ${bytes} bytes, and may have ${most}`);
  }
  console.log(`${name}.js: ${bytes} bytes`);
}

/** The page that shows them, and the worker that they run in. */
async function preview() {
  const { build } = await import('vite');
  for (const [name, entry] of [
    ['host', 'preview/host.tsx'],
    ['worker', 'preview/worker.ts'],
  ]) {
    await build({
      configFile: false,
      root: here,
      logLevel: 'warn',
      define: { 'process.env.NODE_ENV': '"production"' },
      build: {
        outDir: join(target, 'preview'),
        emptyOutDir: false,
        lib: { entry: join(here, entry), name, formats: ['iife'], fileName: () => `${name}.js`, cssFileName: 'host' },
      },
    });
  }
}
