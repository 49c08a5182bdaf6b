// A person in a browser, before the sandbox: `cargo run` serves a fake HubSpot with the real bundles in it, and headless
// Chromium looks and clicks. Screenshots go to `target/screenshots`.
//
// Runs the sandbox itself, or takes the one at `SYNC300_SANDBOX`. Walks that are named as arguments are walked alone.

import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

import { walks } from './walks.mjs';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const screenshots = join(root, 'target/screenshots');
/** The first build of the sandbox takes minutes. */
const START = 20 * 60_000;
/** A person waits this long for a page to say something. */
const PATIENCE = 20_000;

const sandbox = process.env.SYNC300_SANDBOX
  ? { address: process.env.SYNC300_SANDBOX, stop: () => undefined }
  : await start();
const named = process.argv.slice(2);
const wanted = Object.entries(walks).filter(([name]) => named.length === 0 || named.includes(name));
let failures = 0;
try {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  // Chromium's own sandbox needs rights that containers do not give.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  mkdirSync(screenshots, { recursive: true });
  for (const [name, walk] of wanted) {
    failures += (await walked(browser, name, walk)) ? 0 : 1;
  }
  await browser.close();
} finally {
  sandbox.stop();
}
console.log(failures === 0 ? 'All walks went through.' : `${failures} walks did not go through.`);
process.exitCode = failures === 0 ? 0 : 1;

async function walked(browser, name, walk) {
  const context = await browser.newContext({ baseURL: sandbox.address, viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(PATIENCE);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: sandbox.address });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  try {
    await walk(page, async (step) => page.screenshot({ path: join(screenshots, `${name}-${step}.png`), fullPage: true }));
    if (errors.length > 0) {
      throw new Error(`the page says: ${errors.join('; ')}`);
    }
    console.log(`ok ${name}`);
    return true;
  } catch (error) {
    await page.screenshot({ path: join(screenshots, `${name}-failed.png`), fullPage: true });
    console.log(`not ok ${name}: ${error.message}\n${await page.locator('body').innerText()}`);
    return false;
  } finally {
    await context.close();
  }
}

/** The sandbox with a small firm in it. */
async function start() {
  const port = await freePort();
  const size = ['--people', '60', '--companies', '10', '--matters', '20', '--tasks', '30'];
  const child = spawn('cargo', ['run', '--', '--port', String(port), ...size], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = () => child.kill('SIGINT');
  await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the sandbox does not start')), START);
    let said = '';
    child.stdout.on('data', (bytes) => {
      process.stdout.write(bytes);
      said += bytes;
      if (said.includes('Serving on')) {
        clearTimeout(late);
        resolve();
      }
    });
    child.on('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`the sandbox ended with ${code}`));
    });
  }).catch((error) => {
    stop();
    throw error;
  });
  return { address: `http://localhost:${port}`, stop };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
